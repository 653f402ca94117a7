// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where a pool may be called from: an atomic allocation never sleeps, one that may
 * sleep says so even if it need not, so that the first check can fail.
 */
#include <linux/spinlock.h>

#include "contract.h"

#define NR 150				/* blocks of 64 bytes: more than two pages */

static DEFINE_SPINLOCK(lock);

/* Coherent memory does not go back to its source with interrupts off. */
static bool frees_anywhere(struct contract *t)
{
	return !t->traits->block_per_page;
}

/* Out of the pool, growing it, and back, by single calls and in bulk. */
static size_t use_pool(struct contract *t, struct dma_pool *pool, gfp_t gfp,
		       struct dma_pool_block *blocks)
{
	size_t nr;

	for (nr = 0; nr < NR / 2; nr++) {
		blocks[nr].vaddr = dma_pool_alloc(pool, gfp, &blocks[nr].dma);
		if (!blocks[nr].vaddr)
			return nr;
	}
	nr += dma_pool_alloc_bulk(pool, gfp, NR - nr, blocks + nr);
	if (!frees_anywhere(t))
		return nr;
	while (nr > NR / 2)
		contract_put(pool, &blocks[--nr]);
	dma_pool_free_bulk(pool, nr, blocks);
	return NR;
}

static void check_atomic(struct contract *t, gfp_t gfp)
{
	struct dma_pool *pool = contract_pool(t, "pool", 64, 0, 0);
	struct dma_pool_block blocks[NR];
	unsigned long flags;
	size_t nr;

	spin_lock_irqsave(&lock, flags);
	nr = use_pool(t, pool, gfp, blocks);
	spin_unlock_irqrestore(&lock, flags);
	CHECK_EQ(t, nr, NR, "blocks");
	CHECK_EQ(t, contract_warnings(t), 0, "warnings");
	if (!frees_anywhere(t))
		dma_pool_free_bulk(pool, NR, blocks);
	dma_pool_destroy(pool);
}

static void gfp_atomic_never_sleeps(struct contract *t)
{
	check_atomic(t, GFP_ATOMIC);
	check_atomic(t, GFP_ATOMIC | __GFP_ZERO);
}

static void gfp_nowait_never_sleeps(struct contract *t)
{
	check_atomic(t, GFP_NOWAIT);
}

/* Under a lock that leaves interrupts on, this is all that tells. */
static void gfp_kernel_under_a_lock_warns(struct contract *t)
{
	struct dma_pool_block block;
	struct dma_pool *pool;

	contract_needs_4_3(t);
	pool = contract_pool(t, "pool", 64, 0, 0);
	block = contract_block(t, pool, GFP_KERNEL);
	/* The block just freed is there to be had: no page is needed. */
	contract_put(pool, &block);
	spin_lock(&lock);
	block.vaddr = dma_pool_alloc(pool, GFP_KERNEL, &block.dma);
	spin_unlock(&lock);
	CHECK(t, block.vaddr, "dma_pool_alloc gives nothing");
	CHECK(t, contract_warnings(t) > 0, "no warning");
	CHECK(t, strstr(contract_log(t), "sleeping function called"), "nothing logged");
	contract_put(pool, &block);
	dma_pool_destroy(pool);
}

static void gfp_kernel_in_bulk_under_a_lock_warns(struct contract *t)
{
	struct dma_pool_block block;
	struct dma_pool *pool;

	contract_needs_4_3(t);
	pool = contract_pool(t, "pool", 64, 0, 0);
	spin_lock(&lock);
	CHECK_EQ(t, dma_pool_alloc_bulk(pool, GFP_KERNEL, 1, &block), 1, "blocks");
	spin_unlock(&lock);
	CHECK(t, contract_warnings(t) > 0, "no warning");
	CHECK(t, strstr(contract_log(t), "sleeping function called"), "nothing logged");
	dma_pool_free_bulk(pool, 1, &block);
	dma_pool_destroy(pool);
}

static void create_under_a_lock_warns(struct contract *t)
{
	struct dma_pool *pool;

	spin_lock(&lock);
	pool = dma_pool_create("pool", t->dev, 64, 0, 0);
	spin_unlock(&lock);
	CHECK(t, contract_warnings(t) > 0, "no warning");
	contract_log(t);
	dma_pool_destroy(pool);
}

const struct contract_test context_tests[] = {
	CONTRACT_TEST(gfp_atomic_never_sleeps),
	CONTRACT_TEST(gfp_nowait_never_sleeps),
	CONTRACT_TEST(gfp_kernel_under_a_lock_warns),
	CONTRACT_TEST(gfp_kernel_in_bulk_under_a_lock_warns),
	CONTRACT_TEST(create_under_a_lock_warns),
	{ }
};
