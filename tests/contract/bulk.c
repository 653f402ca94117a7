// SPDX-License-Identifier: GPL-2.0-only
/* The bulk calls do what as many single calls would. */
#include "contract.h"

#define NR 150				/* blocks of 64 bytes: more than two pages */

static size_t place_in_page(const struct dma_pool_block *block)
{
	return block->dma & (PAGE_SIZE - 1);
}

static void bulk_hands_out_what_single_calls_would(struct contract *t)
{
	struct dma_pool *bulk = contract_pool(t, "bulk", 64, 0, 0);
	struct dma_pool *single = contract_pool(t, "single", 64, 0, 0);
	struct dma_pool_block blocks[NR], singles[NR];
	size_t i;

	CHECK_EQ(t, dma_pool_alloc_bulk(bulk, GFP_KERNEL, NR, blocks), NR, "blocks");
	for (i = 0; i < NR; i++) {
		singles[i] = contract_block(t, single, GFP_KERNEL);
		CHECK(t, contract_same_memory(blocks[i].vaddr, blocks[i].dma),
		      "block %zu is not at its dma address", i);
		CHECK(t, place_in_page(&blocks[i]) == place_in_page(&singles[i]),
		      "block %zu is another than a single call's", i);
	}
	CHECK_EQ(t, contract_usage(t, "bulk").active, contract_usage(t, "single").active,
		 "blocks in use");
	CHECK_EQ(t, contract_usage(t, "bulk").pages, contract_usage(t, "single").pages,
		 "pages");
	dma_pool_free_bulk(bulk, NR, blocks);
	dma_pool_free_bulk(single, NR, singles);
	CHECK_EQ(t, contract_usage(t, "bulk").active, 0, "blocks in use after all");
	dma_pool_destroy(single);
	dma_pool_destroy(bulk);
}

static void bulk_of_none_does_nothing(struct contract *t)
{
	struct dma_pool *pool = contract_pool(t, "pool", 64, 0, 0);

	CHECK_EQ(t, dma_pool_alloc_bulk(pool, GFP_KERNEL, 0, NULL), 0, "blocks");
	dma_pool_free_bulk(pool, 0, NULL);
	CHECK_EQ(t, contract_usage(t, "pool").active, 0, "blocks in use");
	if (!t->traits->shares_block)
		CHECK_EQ(t, contract_usage(t, "pool").pages, 0, "pages");
	dma_pool_destroy(pool);
}

static void bulk_zeroes_used_blocks_if_asked_to(struct contract *t)
{
	struct dma_pool *pool;
	struct dma_pool_block blocks[NR];
	size_t nr, i, round;

	contract_needs_4_3(t);
	pool = contract_pool(t, "pool", 64, 0, 0);
	for (round = 0; round < 2; round++) {
		nr = dma_pool_alloc_bulk(pool, GFP_KERNEL | __GFP_ZERO, NR, blocks);
		CHECK_EQ(t, nr, NR, "blocks");
		for (i = 0; i < NR; i++)
			CHECK_EQ(t, contract_differs(blocks[i].vaddr, 0, 64), 64,
				 "bytes zero");
		for (i = 0; i < NR; i++)
			memset(blocks[i].vaddr, 0xff, 64);
		dma_pool_free_bulk(pool, NR, blocks);
	}
	dma_pool_destroy(pool);
}

static void bulk_and_single_calls_mix(struct contract *t)
{
	struct dma_pool *pool = contract_pool(t, "pool", 64, 0, 0);
	struct dma_pool_block blocks[NR];
	size_t i;

	for (i = 0; i < NR; i++)
		blocks[i] = contract_block(t, pool, GFP_KERNEL);
	dma_pool_free_bulk(pool, NR, blocks);
	CHECK_EQ(t, dma_pool_alloc_bulk(pool, GFP_KERNEL, NR, blocks), NR, "blocks");
	for (i = 0; i < NR; i++)
		contract_put(pool, &blocks[i]);
	CHECK_EQ(t, contract_usage(t, "pool").active, 0, "blocks in use");
	dma_pool_destroy(pool);
}

const struct contract_test bulk_tests[] = {
	CONTRACT_TEST(bulk_hands_out_what_single_calls_would),
	CONTRACT_TEST(bulk_of_none_does_nothing),
	CONTRACT_TEST(bulk_zeroes_used_blocks_if_asked_to),
	CONTRACT_TEST(bulk_and_single_calls_mix),
	{ }
};
