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
		contract_destroy(f.pool);
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

static void needs_shared_pages(struct contract *t)
{
	contract_needs_own_blocks(t);
	if (t->traits->block_per_page)
		contract_skip(t, "every block has pages of its own");
}

/* The figures of the published layouts, not worked out by any formula. */
static void a_page_holds_as_many_blocks_as_promised(struct contract *t)
{
	static const struct {
		size_t size, align, boundary;
		size_t old_nr, nr;
	} rows[] = {
		{ 4, 0, 0, 1023, 1024 },	/* where that is the least size */
		{ 16, 16, 0, 255, 256 },
		{ 64, 64, 0, 63, 64 },
		{ 256, 256, 0, 15, 16 },
		{ 1024, 1024, 0, 3, 4 },
		{ 2048, 0, 0, 1, 2 },
		{ 4096, 4096, 0, 1, 1 },
		{ 5000, 8, 0, 1, 1 },
		{ 68, 32, 4096, 42, 42 },
		{ 64, 0, 256, 48, 64 },
		{ 100, 4, 256, 32, 32 },
		{ 64, 0, 64, 64, 64 },
	};
	size_t i, got, want;

	needs_shared_pages(t);
	for (i = !contract_old(t, OLD_LEAST_SIZE); i < ARRAY_SIZE(rows); i++) {
		got = contract_blocks_per_page(t->dev, rows[i].size, rows[i].align,
					       rows[i].boundary);
		want = contract_old(t, OLD_WASTE) ? rows[i].old_nr : rows[i].nr;
		CHECK(t, got == want,
		      "size %zu, align %zu, boundary %zu: %zu blocks a page, not %zu",
		      rows[i].size, rows[i].align, rows[i].boundary, got, want);
	}
}

/* Up to 6.3 it is not, and a checked pool there poisons what is not its own. */
static void a_boundary_past_the_page_is_cut_to_it(struct contract *t)
{
	needs_shared_pages(t);
	if (contract_old(t, OLD_OVERRUN) && t->checked)
		contract_skip(t, "up to 6.3 the last block overruns the page");
	CHECK_EQ(t, contract_blocks_per_page(t->dev, 96, 32, 8192),
		 contract_old(t, OLD_OVERRUN) ? 43 : 42,
		 "blocks of 96 bytes a page");
}

/* Drivers' hardware came to rely on it: the other way round broke two of them. */
static void a_fresh_pool_hands_out_ascending_addresses(struct contract *t)
{
	struct dma_pool *pool;
	struct dma_pool_block blocks[200];
	size_t i;

	needs_shared_pages(t);
	pool = contract_pool(t, "pool", 128, 0, 0);
	for (i = 0; i < ARRAY_SIZE(blocks); i++) {
		blocks[i] = contract_block(t, pool, GFP_KERNEL);
		CHECK(t, !i || !(blocks[i].dma & (PAGE_SIZE - 1)) ||
		      blocks[i].dma == blocks[i - 1].dma + 128,
		      "block %zu does not follow the one before it", i);
	}
	for (i = 0; i < ARRAY_SIZE(blocks); i++)
		contract_put(pool, &blocks[i]);
	dma_pool_destroy(pool);
}

const struct contract_test layout_tests[] = {
	CONTRACT_TEST(any_size_align_and_boundary_is_laid_out_right),
	CONTRACT_TEST(a_page_holds_as_many_blocks_as_promised),
	CONTRACT_TEST(a_boundary_past_the_page_is_cut_to_it),
	CONTRACT_TEST(a_fresh_pool_hands_out_ascending_addresses),
	{ }
};
