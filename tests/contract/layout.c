// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where blocks lie: inside their pages, aligned, clear of the boundary, as many as fit,
 * and in ascending order from a fresh pool.
 */
#include "geometry.h"

/* One pool, filled from fresh. */
struct fill {
	struct contract *t;
	const struct geometry *g;
	struct plan plan;
	struct dma_pool *pool;
	struct dma_pool_block *blocks;
	size_t nr;
};

/* What any block must fulfil, whatever the pool's design. */
static const char *block_fault(const struct fill *f, size_t i)
{
	const struct geometry *g = f->g;
	const struct dma_pool_block *block = &f->blocks[i];
	size_t align = g->align ?: 1;
	dma_addr_t last = block->dma + g->size - 1;

	if (!contract_same_memory(block->vaddr, block->dma))
		return contract_why(f->t, "block %zu: %p is not at its dma address", i,
				    block->vaddr);
	if (block->dma & (align - 1))
		return contract_why(f->t, "block %zu: 0x%llx is not aligned", i,
				    (unsigned long long)block->dma);
	if (g->boundary && (block->dma ^ last) >= g->boundary)
		return contract_why(f->t, "block %zu: 0x%llx crosses the boundary", i,
				    (unsigned long long)block->dma);
	return NULL;
}

/* That the block is the next one of its page, or the first of a new page. */
static const char *place_fault(const struct fill *f, size_t i)
{
	size_t per_page = f->t->traits->block_per_page ? 1 : f->plan.per_page;
	dma_addr_t page = f->blocks[i - i % per_page].dma;
	size_t want = plan_offset(&f->plan, i % per_page);

	if (page & (PAGE_SIZE - 1))
		return contract_why(f->t, "block %zu: 0x%llx starts no page", i,
				    (unsigned long long)page);
	if (f->blocks[i].dma - page != want)
		return contract_why(f->t, "block %zu is at offset %lld, not %zu", i,
				    (long long)(f->blocks[i].dma - page), want);
	if (want + f->plan.stride > f->plan.allocation)
		return contract_why(f->t, "block %zu ends outside its page", i);
	return NULL;
}

/* All bytes of a block say whose they are. */
static u8 stamp_of(size_t i)
{
	return i * 37 + 1;
}

static const char *fill_pool(struct fill *f)
{
	const char *why;
	size_t i;

	for (i = 0; i < f->nr; i++) {
		struct dma_pool_block *block = &f->blocks[i];

		block->vaddr = dma_pool_alloc(f->pool, GFP_KERNEL, &block->dma);
		if (!block->vaddr)
			return contract_why(f->t, "block %zu: not given", i);
		why = block_fault(f, i) ?: place_fault(f, i);
		if (why)
			return why;
		memset(block->vaddr, stamp_of(i), f->g->size);
	}
	for (i = 0; i < f->nr; i++)
		if (contract_differs(f->blocks[i].vaddr, stamp_of(i), f->g->size) <
		    f->g->size)
			return contract_why(f->t, "block %zu: another wrote to it", i);
	return NULL;
}

/* That the pools file counts what was handed out. */
static const char *usage_fault(const struct fill *f, size_t active)
{
	size_t per_page = f->t->traits->block_per_page ? 1 : f->plan.per_page;
	struct pools_row row;

	if (!contract_pools_row(f->t->dev, "layout", &row))
		return "it is not in the pools file";
	if (row.stride != f->plan.stride)
		return contract_why(f->t, "stride %zu, not %zu", row.stride,
				    f->plan.stride);
	if (f->t->traits->shares_block)
		return NULL;
	if (row.active != active)
		return contract_why(f->t, "%zu blocks in use, not %zu", row.active,
				    active);
	if (active && row.pages != DIV_ROUND_UP(active, per_page))
		return contract_why(f->t, "%zu pages for %zu blocks, not %zu", row.pages,
				    active, (size_t)DIV_ROUND_UP(active, per_page));
	return NULL;
}

static const char *fill_and_empty(struct fill *f)
{
	const char *why = fill_pool(f) ?: usage_fault(f, f->nr);
	size_t i;

	/* What is wrong may lie in the pool's own data by now: leave it alone. */
	for (i = 0; !why && i < f->nr; i++)
		contract_put(f->pool, &f->blocks[i]);
	return why ?: usage_fault(f, 0);
}

/* Two pages and a block. */
static const char *layout_fault(struct contract *t, const void *input)
{
	struct fill f = { .t = t, .g = input };
	bool allowed = geometry_plan(t->traits, f.g, &f.plan);
	const char *why;

	/* Such blocks end in a stranger's memory: not to be written to. */
	if (f.plan.overruns)
		return NULL;
	f.pool = dma_pool_create("layout", t->dev, f.g->size, f.g->align,
				 f.g->boundary);
	if (!f.pool || !allowed) {
		dma_pool_destroy(f.pool);
		return !f.pool == !allowed ? NULL : f.pool ? "it is not refused" :
							     "it is refused";
	}
	f.nr = t->traits->shares_block ? 1 : 2 * f.plan.per_page + 1;
	f.blocks = kcalloc(f.nr, sizeof(*f.blocks), GFP_KERNEL);
	why = fill_and_empty(&f);
	kfree(f.blocks);
	dma_pool_destroy(f.pool);
	return why;
}

static void draw(struct prop_rng *rng, void *input)
{
	geometry_draw(rng, input);
}

static bool shrink(void *input, unsigned int n)
{
	return geometry_shrink(input, n);
}

static void print(const void *input, char *text, size_t size)
{
	geometry_print(input, text, size);
}

static void any_size_align_and_boundary_is_laid_out_right(struct contract *t)
{
	static const struct prop prop = {
		.size = sizeof(struct geometry),
		.runs = 150,
		.draw = draw,
		.shrink = shrink,
		.fault = layout_fault,
		.print = print,
	};

	prop_check(t, &prop);
}

/* How many blocks come before a second page is begun. */
static size_t blocks_per_page(struct contract *t, size_t size, size_t align,
			      size_t boundary)
{
	struct dma_pool *pool = contract_pool(t, "pool", size, align, boundary);
	struct dma_pool_block *blocks = kcalloc(PAGE_SIZE, sizeof(*blocks), GFP_KERNEL);
	size_t nr = 0;

	do
		blocks[nr++] = contract_block(t, pool, GFP_KERNEL);
	while (contract_usage(t, "pool").pages == 1);
	while (nr-- > 1)
		contract_put(pool, &blocks[nr]);
	contract_put(pool, &blocks[0]);
	nr = contract_usage(t, "pool").pages;
	CHECK_EQ(t, nr, 2, "pages after the first block too many");
	dma_pool_destroy(pool);
	kfree(blocks);
	return 0;
}

const struct contract_test layout_tests[] = {
	CONTRACT_TEST(any_size_align_and_boundary_is_laid_out_right),
	{ }
};
