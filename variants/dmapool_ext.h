/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the suite's pools offer beyond <linux/dmapool.h>.  A dmapool.c that has none
 * of it (mainline's) gets the weak functions of fallback.c.
 */
#ifndef DMAPOOL_EXT_H
#define DMAPOOL_EXT_H

#include <linux/types.h>

struct dma_pool;

struct dma_pool_block {
	void *vaddr;
	dma_addr_t dma;
};

/**
 * dma_pool_alloc_bulk - get several blocks at once
 * @pool: dma pool that will produce the blocks
 * @gfp: GFP_* bitmask; with __GFP_ZERO every block is zeroed
 * @nr: how many
 * @blocks: filled from the front
 *
 * Context: as dma_pool_alloc(): any, sleeps only if @gfp allows it.
 * Return: how many it got; fewer than @nr only when memory ran out.
 */
size_t dma_pool_alloc_bulk(struct dma_pool *pool, gfp_t gfp, size_t nr,
			   struct dma_pool_block *blocks);

/**
 * dma_pool_free_bulk - put several blocks back
 * @pool: the dma pool holding the blocks
 * @nr: how many
 * @blocks: all from @pool, none twice
 *
 * Context: any.
 */
void dma_pool_free_bulk(struct dma_pool *pool, size_t nr,
			const struct dma_pool_block *blocks);

/**
 * dma_pool_bytes_stranded - memory that only some CPUs can allocate from
 * @pool: dma pool to look at
 *
 * Free blocks in per-CPU caches and the like: invisible to the other CPUs, and not
 * able to empty their page.  At most, at any moment:
 *
 * - percpu_magazine: two magazines for each CPU that has used @pool and is online, of
 *   max(16 KiB, 7 blocks) each but no more than 127 blocks, and max(256 KiB, 4
 *   magazines) in the depot;
 * - a pool without such caches, all others here and mainline's: none.
 *
 * Context: any; the figure may be a moment old.
 * Return: bytes.
 */
size_t dma_pool_bytes_stranded(struct dma_pool *pool);

/**
 * dma_pool_trim - give back the memory that holds no block in use
 * @pool: dma pool to trim
 *
 * Empties the caches of all CPUs.  A pool that keeps what it has does nothing.
 *
 * Context: may sleep; waits for a grace period and for every CPU that has used @pool.
 * Return: bytes that this call gave back.
 */
size_t dma_pool_trim(struct dma_pool *pool);

/**
 * dma_pool_set_debug - check the pools created from now on, or stop doing so
 * @on: whether to
 *
 * A checked pool poisons its blocks and reports corruption of free blocks, addresses
 * that are not its own and double frees.  Pools that exist already stay as they are.
 *
 * Context: process.
 * Return: true if this pool can check.
 */
bool dma_pool_set_debug(bool on);

#endif
