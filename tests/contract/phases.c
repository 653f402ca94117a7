// SPDX-License-Identifier: GPL-2.0-only
/*
 * A pool whose use changes its nature again and again - it grows, empties at random,
 * exchanges block for block, breathes in bursts - for long enough that a design with
 * habits takes up others.  Every block has one owner throughout, and none is lost.
 */
#include "prop.h"

#define PEAK		4000		/* blocks */
#define PEAK_PLAIN	200		/* where there are no caches to form habits */
#define ROUNDS		2

struct phases {
	struct contract *t;
	struct dma_pool *pool;
	struct prop_rng rng;
	struct dma_pool_block *block;	/* the live ones; each has its address in it */
	size_t nr;
};

static void take(struct phases *p)
{
	struct dma_pool_block *block = &p->block[p->nr++];

	*block = contract_block(p->t, p->pool, GFP_KERNEL);
	*(dma_addr_t *)block->vaddr = block->dma;
}

/* Whoever else was given the block has given it back: it would be marked so. */
static void put(struct phases *p)
{
	struct dma_pool_block *block = &p->block[prop_below(&p->rng, p->nr)];

	CHECK(p->t, *(dma_addr_t *)block->vaddr == block->dma,
	      "block %zu of %zu had two owners", (size_t)(block - p->block), p->nr);
	*(dma_addr_t *)block->vaddr = 0;
	contract_put(p->pool, block);
	*block = p->block[--p->nr];
}

static void go_to(struct phases *p, size_t nr)
{
	while (p->nr < nr)
		take(p);
	while (p->nr > nr)
		put(p);
}

static void exchange(struct phases *p, size_t times)
{
	while (times--) {
		put(p);
		take(p);
	}
}

static void breathe(struct phases *p, size_t by, unsigned int times)
{
	while (times--) {
		go_to(p, p->nr - by);
		go_to(p, p->nr + by);
	}
}

static void go_through(struct contract *t, size_t size)
{
	static struct dma_pool_block blocks[PEAK];
	struct phases p = { .t = t, .rng = { prop_seed }, .block = blocks };
	size_t peak = t->traits->strands_nothing ? PEAK_PLAIN : PEAK;
	unsigned int round;

	p.pool = contract_pool(t, "pool", size, 0, 0);
	for (round = 0; round < ROUNDS; round++) {
		go_to(&p, peak);
		go_to(&p, peak / 8);
		exchange(&p, 16 * peak + prop_below(&p.rng, peak));
		breathe(&p, 1 + prop_below(&p.rng, peak / 8), 8);
		exchange(&p, prop_below(&p.rng, peak));
		breathe(&p, 1 + prop_below(&p.rng, peak / 16), 8);
	}
	go_to(&p, 0);
	CHECK_EQ(t, contract_usage(t, "pool").active, 0, "blocks in use");
	dma_pool_trim(p.pool);
	if (t->traits->gives_back)
		CHECK_EQ(t, contract_usage(t, "pool").pages, 0, "pages held");
	dma_pool_destroy(p.pool);
}

static void a_pool_whose_use_changes_keeps_every_block(struct contract *t)
{
	static const size_t sizes[] = { 256, 1300, 2048 };
	unsigned int i;

	contract_needs_own_blocks(t);
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		go_through(t, sizes[i]);
}

const struct contract_test phases_tests[] = {
	CONTRACT_TEST(a_pool_whose_use_changes_keeps_every_block),
	{ }
};
