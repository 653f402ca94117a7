// SPDX-License-Identifier: GPL-2.0-only
/* Blocks passed around: a block's first word is its DMA address, all others follow it. */
#include "exchange.h"

#define SIZE (EXCHANGE_WORDS * sizeof(u64))
#define BULK 4

void exchange_begin(struct contract *t, struct exchange *x, size_t align,
		    size_t boundary)
{
	const struct geometry g = { SIZE, align, boundary };

	contract_needs_own_blocks(t);
	memset(x, 0, sizeof(*x));
	geometry_plan(t->traits, &g, &x->plan);
	x->pool = contract_pool(t, "exchange", SIZE, align, boundary);
}

static u64 word_of(dma_addr_t dma, size_t i)
{
	return dma + i * 0x9e3779b97f4a7c15;
}

static void stamp(u64 *block, dma_addr_t dma)
{
	size_t i;

	for (i = 0; i < EXCHANGE_WORDS; i++)
		block[i] = word_of(dma, i);
}

/* Whether it is as it was stamped; no longer afterwards. */
static bool unstamp(u64 *block)
{
	dma_addr_t dma = block[0];
	bool right = contract_same_memory(block, dma);
	size_t i;

	for (i = 0; i < EXCHANGE_WORDS; i++)
		right &= block[i] == word_of(dma, i);
	for (i = 0; i < EXCHANGE_WORDS; i++)
		block[i] = ~word_of(dma, i);
	return right;
}

static void put(struct exchange *x, u64 *block)
{
	dma_addr_t dma = block[0];

	if (unstamp(block))
		dma_pool_free(x->pool, block, dma);
	else
		WRITE_ONCE(x->fault, "a block was written to by someone else");
}

/* Into a slot; who was there is freed. */
static void place(struct exchange *x, struct prop_rng *rng, void *vaddr, dma_addr_t dma)
{
	u64 **slot = &x->slots[prop_below(rng, EXCHANGE_SLOTS)];
	u64 *before;

	stamp(vaddr, dma);
	before = __atomic_exchange_n(slot, vaddr, __ATOMIC_ACQ_REL);
	if (before)
		put(x, before);
}

static void get_one(struct exchange *x, struct prop_rng *rng, gfp_t gfp)
{
	dma_addr_t dma;
	void *vaddr = dma_pool_alloc(x->pool, gfp, &dma);

	if (vaddr)
		place(x, rng, vaddr, dma);
	else
		WRITE_ONCE(x->fault, "dma_pool_alloc gives nothing");
}

static void get_some(struct exchange *x, struct prop_rng *rng, gfp_t gfp)
{
	struct dma_pool_block blocks[BULK];
	size_t got = dma_pool_alloc_bulk(x->pool, gfp, BULK, blocks);

	if (got < BULK)
		WRITE_ONCE(x->fault, "dma_pool_alloc_bulk gives too few");
	while (got--)
		place(x, rng, blocks[got].vaddr, blocks[got].dma);
}

void exchange_step(struct exchange *x, struct prop_rng *rng, gfp_t gfp)
{
	u64 **slot = &x->slots[prop_below(rng, EXCHANGE_SLOTS)];
	u64 *found = __atomic_exchange_n(slot, NULL, __ATOMIC_ACQ_REL);

	if (found)
		put(x, found);
	else if (prop_below(rng, 8))
		get_one(x, rng, gfp);
	else
		get_some(x, rng, gfp);
}

static void drain(struct exchange *x)
{
	size_t i;

	for (i = 0; i < EXCHANGE_SLOTS; i++)
		if (x->slots[i])
			put(x, x->slots[i]);
}

/* What no other CPU has in its cache and can be had from this one. */
static size_t free_here(struct dma_pool *pool, const struct pools_row *row,
			size_t per_page)
{
	size_t all = row->pages * per_page;

	if (!contract_cpus_stay())
		return all;
	return all - min(all, dma_pool_bytes_stranded(pool) / row->stride);
}

void exchange_check_none_lost(struct contract *t, const char *name,
			      struct dma_pool *pool, size_t per_page)
{
	struct pools_row row = contract_usage(t, name);
	size_t nr = t->traits->block_per_page ? 0 : free_here(pool, &row, per_page);
	struct dma_pool_block *blocks = kcalloc(nr, sizeof(*blocks), GFP_KERNEL);

	CHECK_EQ(t, dma_pool_alloc_bulk(pool, GFP_KERNEL, nr, blocks), nr, "blocks");
	CHECK_EQ(t, contract_usage(t, name).pages, row.pages, "pages for as many blocks");
	dma_pool_free_bulk(pool, nr, blocks);
	kfree(blocks);
	dma_pool_trim(pool);
	if (!t->traits->strands_nothing)
		CHECK_EQ(t, contract_usage(t, name).pages, 0, "pages left");
}

void exchange_end(struct contract *t, struct exchange *x)
{
	drain(x);
	CHECK(t, !x->fault, "%s", x->fault);
	CHECK_EQ(t, contract_usage(t, "exchange").active, 0, "blocks in use");
	exchange_check_none_lost(t, "exchange", x->pool, x->plan.per_page);
	dma_pool_destroy(x->pool);
}
