// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's boot options init_on_alloc and init_on_free, which the checked shim has
 * as switches: blocks are zero over their whole stride, not the size asked for alone.
 */
#include "contract.h"

#define SIZE	100
#define ALIGNED	64
#define STRIDE	128
/* Where a free block is the pool's own. */
#define LINK	16

static void dirty(struct contract *t, struct dma_pool *pool)
{
	struct dma_pool_block block = contract_block(t, pool, GFP_KERNEL);

	memset(block.vaddr, 0xff, STRIDE);
	contract_put(pool, &block);
}

static void init_on_alloc_zeroes_the_stride(struct contract *t)
{
	struct dma_pool *pool = contract_pool(t, "pool", SIZE, ALIGNED, 0);
	struct dma_pool_block block;

	dirty(t, pool);
	shim_init_on_alloc = true;
	block = contract_block(t, pool, GFP_KERNEL);
	CHECK_EQ(t, contract_differs(block.vaddr, 0, STRIDE), STRIDE, "bytes zero");
	contract_put(pool, &block);
	dma_pool_destroy(pool);
}

static void init_on_alloc_zeroes_in_bulk_too(struct contract *t)
{
	struct dma_pool *pool = contract_pool(t, "pool", SIZE, ALIGNED, 0);
	struct dma_pool_block blocks[2];
	size_t i;

	dirty(t, pool);
	shim_init_on_alloc = true;
	CHECK_EQ(t, dma_pool_alloc_bulk(pool, GFP_KERNEL, 2, blocks), 2, "blocks");
	for (i = 0; i < 2; i++)
		CHECK_EQ(t, contract_differs(blocks[i].vaddr, 0, STRIDE), STRIDE,
			 "bytes zero");
	dma_pool_free_bulk(pool, 2, blocks);
	dma_pool_destroy(pool);
}

static void needs_free_blocks_to_look_at(struct contract *t)
{
	if (t->checked)
		contract_skip(t, "a checked pool poisons free blocks instead");
	if (t->traits->block_per_page)
		contract_skip(t, "a freed block is not the pool's any more");
}

static void init_on_free_zeroes_the_stride(struct contract *t)
{
	struct dma_pool_block block;
	struct dma_pool *pool;

	needs_free_blocks_to_look_at(t);
	pool = contract_pool(t, "pool", SIZE, ALIGNED, 0);
	shim_init_on_free = true;
	block = contract_block(t, pool, GFP_KERNEL);
	memset(block.vaddr, 0xff, STRIDE);
	contract_put(pool, &block);
	CHECK_EQ(t, contract_differs(block.vaddr + LINK, 0, STRIDE - LINK), STRIDE - LINK,
		 "bytes zero");
	dma_pool_destroy(pool);
}

static void init_on_free_zeroes_in_bulk_too(struct contract *t)
{
	struct dma_pool_block blocks[2];
	struct dma_pool *pool;
	size_t i;

	needs_free_blocks_to_look_at(t);
	pool = contract_pool(t, "pool", SIZE, ALIGNED, 0);
	shim_init_on_free = true;
	CHECK_EQ(t, dma_pool_alloc_bulk(pool, GFP_KERNEL, 2, blocks), 2, "blocks");
	for (i = 0; i < 2; i++)
		memset(blocks[i].vaddr, 0xff, STRIDE);
	dma_pool_free_bulk(pool, 2, blocks);
	for (i = 0; i < 2; i++)
		CHECK_EQ(t, contract_differs(blocks[i].vaddr + LINK, 0, STRIDE - LINK),
			 STRIDE - LINK, "bytes zero");
	dma_pool_destroy(pool);
}

static void init_on_alloc_and_on_free_get_along(struct contract *t)
{
	struct dma_pool *pool = contract_pool(t, "pool", SIZE, ALIGNED, 0);
	struct dma_pool_block block;

	shim_init_on_alloc = true;
	shim_init_on_free = true;
	dirty(t, pool);
	block = contract_block(t, pool, GFP_KERNEL);
	CHECK_EQ(t, contract_differs(block.vaddr, 0, STRIDE), STRIDE, "bytes zero");
	contract_put(pool, &block);
	dma_pool_destroy(pool);
}

const struct contract_test init_tests[] = {
	CONTRACT_TEST(init_on_alloc_zeroes_the_stride),
	CONTRACT_TEST(init_on_alloc_zeroes_in_bulk_too),
	CONTRACT_TEST(init_on_free_zeroes_the_stride),
	CONTRACT_TEST(init_on_free_zeroes_in_bulk_too),
	CONTRACT_TEST(init_on_alloc_and_on_free_get_along),
	{ }
};
