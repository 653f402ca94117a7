// SPDX-License-Identifier: GPL-2.0-only
/* What trimming a pool gives back, and that it takes nothing that is in use. */
#include "contract.h"

#define NR	640			/* ten pages of 64-byte blocks */
#define KEPT	100			/* every so many is kept */
#define NR_LARGE 256			/* blocks of half a page */

/* How many pages the kept blocks lie in: they are in ascending order. */
static size_t pages_of_kept(const struct dma_pool_block *blocks)
{
	size_t pages = 0, i;

	for (i = 0; i < NR; i += KEPT)
		pages += !i || blocks[i].dma >> PAGE_SHIFT !=
			       blocks[i - KEPT].dma >> PAGE_SHIFT;
	return pages;
}

/* Fills a pool and frees all but the kept blocks, each full of its number. */
static void leave_kept(struct contract *t, struct dma_pool *pool,
		       struct dma_pool_block *blocks)
{
	size_t i;

	for (i = 0; i < NR; i++)
		blocks[i] = contract_block(t, pool, GFP_KERNEL);
	for (i = 0; i < NR; i++) {
		if (i % KEPT)
			contract_put(pool, &blocks[i]);
		else
			memset(blocks[i].vaddr, i / KEPT + 1, 64);
	}
}

static void free_kept(struct contract *t, struct dma_pool *pool,
		      struct dma_pool_block *blocks)
{
	size_t i;

	for (i = 0; i < NR; i += KEPT) {
		CHECK_EQ(t, contract_differs(blocks[i].vaddr, i / KEPT + 1, 64), 64,
			 "bytes of a block in use that trim left alone");
		contract_put(pool, &blocks[i]);
	}
}

static void needs_caches(struct contract *t)
{
	if (t->traits->strands_nothing)
		contract_skip(t, "it keeps no blocks in caches and its pages for good");
}

static void trim_gives_back_all_but_pages_in_use(struct contract *t)
{
	static struct dma_pool_block blocks[NR];
	size_t before, given;
	struct dma_pool *pool;

	needs_caches(t);
	pool = contract_pool(t, "pool", 64, 0, 0);
	leave_kept(t, pool, blocks);
	before = contract_usage(t, "pool").pages;
	given = dma_pool_trim(pool);
	CHECK_EQ(t, contract_usage(t, "pool").pages, pages_of_kept(blocks), "pages held");
	CHECK_EQ(t, given, (before - pages_of_kept(blocks)) * PAGE_SIZE,
		 "bytes given back");
	CHECK_EQ(t, contract_dma_outstanding(t->dev), pages_of_kept(blocks) * PAGE_SIZE,
		 "bytes of coherent memory out");
	CHECK_EQ(t, dma_pool_bytes_stranded(pool), 0, "bytes stranded");
	free_kept(t, pool, blocks);
	CHECK_EQ(t, dma_pool_trim(pool), pages_of_kept(blocks) * PAGE_SIZE,
		 "bytes given back by the idle pool");
	CHECK_EQ(t, contract_usage(t, "pool").pages, 0, "pages held by the idle pool");
	dma_pool_destroy(pool);
}

static void trim_of_a_pool_without_caches_does_nothing(struct contract *t)
{
	static struct dma_pool_block blocks[NR];
	struct pools_row before, after;
	struct dma_pool *pool;

	if (!t->traits->strands_nothing)
		contract_skip(t, "it has caches to empty");
	contract_needs_own_blocks(t);
	pool = contract_pool(t, "pool", 64, 0, 0);
	leave_kept(t, pool, blocks);
	before = contract_usage(t, "pool");
	CHECK_EQ(t, dma_pool_trim(pool), 0, "bytes given back");
	after = contract_usage(t, "pool");
	CHECK_EQ(t, after.pages, before.pages, "pages held");
	free_kept(t, pool, blocks);
	dma_pool_destroy(pool);
}

static void trim_of_an_unused_pool_gives_nothing(struct contract *t)
{
	struct dma_pool *pool = contract_pool(t, "pool", 64, 0, 0);

	CHECK_EQ(t, dma_pool_trim(pool), 0, "bytes given back");
	dma_pool_destroy(pool);
}

static void a_trimmed_pool_goes_on(struct contract *t)
{
	static struct dma_pool_block blocks[NR];
	struct dma_pool *pool;
	size_t round;

	contract_needs_own_blocks(t);
	pool = contract_pool(t, "pool", 64, 0, 0);
	for (round = 0; round < 3; round++) {
		leave_kept(t, pool, blocks);
		dma_pool_trim(pool);
		free_kept(t, pool, blocks);
		dma_pool_trim(pool);
	}
	CHECK_EQ(t, contract_usage(t, "pool").active, 0, "blocks in use");
	dma_pool_destroy(pool);
}

/* The CPU keeps its own, the pool a reserve; the rest goes, and no page is lost. */
static void memory_pressure_takes_pages_nobody_uses(struct contract *t)
{
	static struct dma_pool_block blocks[NR_LARGE];
	size_t before, given, i;
	struct dma_pool *pool;

	needs_caches(t);
	pool = contract_pool(t, "pool", 2048, 0, 0);
	for (i = 0; i < NR_LARGE; i++)
		blocks[i] = contract_block(t, pool, GFP_KERNEL);
	for (i = 0; i < NR_LARGE; i++)
		contract_put(pool, &blocks[i]);
	before = contract_usage(t, "pool").pages;
	given = contract_shrink(before);
	CHECK(t, given > 0, "no page was given back");
	CHECK_EQ(t, contract_usage(t, "pool").pages, before - given, "pages held");
	CHECK_EQ(t, contract_shrink(before), 0, "pages of the reserve given back");
	CHECK(t, before > given, "nothing is kept");
	dma_pool_trim(pool);
	CHECK_EQ(t, contract_dma_outstanding(t->dev), 0, "bytes of coherent memory out");
	dma_pool_destroy(pool);
}

const struct contract_test trim_tests[] = {
	CONTRACT_TEST(trim_gives_back_all_but_pages_in_use),
	CONTRACT_TEST(trim_of_a_pool_without_caches_does_nothing),
	CONTRACT_TEST(trim_of_an_unused_pool_gives_nothing),
	CONTRACT_TEST(a_trimmed_pool_goes_on),
	CONTRACT_TEST(memory_pressure_takes_pages_nobody_uses),
	{ }
};
