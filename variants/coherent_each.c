// SPDX-License-Identifier: GPL-2.0-only
/*
 * No pool: every block is a dma_alloc_coherent() of its own, so a page at least.
 * What a driver without a pool pays, and so what a pool is worth.
 */
#define CORE_HAS_NO_PAGES
#define CORE_LINK_BYTES 0

#include <linux/atomic.h>

#include "core.h"

struct dma_pool {
	struct pool_base base;
	atomic_long_t active;
};

static int core_init(struct dma_pool *pool)
{
	return 0;
}

static void core_exit(struct dma_pool *pool)
{
}

static inline void *core_alloc(struct dma_pool *pool, gfp_t gfp, dma_addr_t *dma)
{
	void *vaddr = dma_alloc_coherent(pool->base.dev, pool->base.allocation, dma,
					 gfp);

	if (vaddr)
		atomic_long_inc(&pool->active);
	return vaddr;
}

static inline void core_free(struct dma_pool *pool, void *vaddr, dma_addr_t dma)
{
	dma_free_coherent(pool->base.dev, pool->base.allocation, vaddr, dma);
	atomic_long_dec(&pool->active);
}

static void core_usage(struct dma_pool *pool, struct pool_usage *usage)
{
	usage->active = atomic_long_read(&pool->active);
	usage->blocks = usage->active;
	usage->pages = usage->active;
}

#include "frontend.h"
