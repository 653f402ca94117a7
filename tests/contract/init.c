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

bool contract_ignores_init(struct device *dev)
{
	struct dma_pool *pool = dma_pool_create("probe", dev, SIZE, ALIGNED, 0);
	bool ignored = false;
	dma_addr_t dma;
	u8 *block;

	shim_init_on_free = true;
	block = pool ? dma_pool_alloc(pool, GFP_KERNEL, &dma) : NULL;
	if (block) {
		memset(block, 0xff, STRIDE);
		dma_pool_free(pool, block, dma);
		ignored = contract_differs(block + LINK, 0, STRIDE - LINK) <
			  STRIDE - LINK;
	}
	shim_init_on_free = false;
	shim_init_on_alloc = true;
	block = block ? dma_pool_alloc(pool, GFP_KERNEL, &dma) : NULL;
	if (block) {
		ignored = ignored && contract_differs(block, 0, STRIDE) < STRIDE;
		dma_pool_free(pool, block, dma);
	}
	shim_init_on_alloc = false;
	contract_destroy(pool);
	return ignored;
}

static void needs_init(struct contract *t)
{
	if (contract_old(t, OLD_INIT))
		contract_skip(t, "up to 5.2 there are no such boot options");
}

static void dirty(struct contract *t, struct dma_pool *pool)
{
	struct dma_pool_block block = contract_block(t, pool, GFP_KERNEL);

	memset(block.vaddr, 0xff, STRIDE);
	contract_put(pool, &block);
}

static void init_on_alloc_zeroes_the_stride(struct contract *t)
{
	struct dma_pool *pool;
	struct dma_pool_block block;

	needs_init(t);
	pool = contract_pool(t, "pool", SIZE, ALIGNED, 0);
	dirty(t, pool);
	shim_init_on_alloc = true;
	block = contract_block(t, pool, GFP_KERNEL);
	CHECK_EQ(t, contract_differs(block.vaddr, 0, STRIDE), STRIDE, "bytes zero");
	contract_put(pool, &block);
	dma_pool_destroy(pool);
}

static void init_on_alloc_zeroes_in_bulk_too(struct contract *t)
{
	struct dma_pool *pool;
	struct dma_pool_block blocks[2];
	size_t i;

	needs_init(t);
	pool = contract_pool(t, "pool", SIZE, ALIGNED, 0);
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
	needs_init(t);
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
	struct dma_pool *pool;
	struct dma_pool_block block;

	needs_init(t);
	pool = contract_pool(t, "pool", SIZE, ALIGNED, 0);
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
