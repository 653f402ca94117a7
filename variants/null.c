// SPDX-License-Identifier: GPL-2.0-only
/*
 * No allocator at all: the same block for everyone.  What the calls and the harness
 * around them cost, and so the floor under every other figure.
 */
#define CORE_HAS_NO_PAGES
#define CORE_LINK_BYTES 0

#include "core.h"

struct dma_pool {
	struct pool_base base;
	void *vaddr;
	dma_addr_t dma;
};

static int core_init(struct dma_pool *pool)
{
	pool->vaddr = dma_alloc_coherent(pool->base.dev, pool->base.allocation,
					 &pool->dma, GFP_KERNEL);
	return pool->vaddr ? 0 : -ENOMEM;
}

static void core_exit(struct dma_pool *pool)
{
	dma_free_coherent(pool->base.dev, pool->base.allocation, pool->vaddr,
			  pool->dma);
}

static inline void *core_alloc(struct dma_pool *pool, gfp_t gfp, dma_addr_t *dma)
{
	*dma = pool->dma;
	return pool->vaddr;
}

static inline void core_free(struct dma_pool *pool, void *vaddr, dma_addr_t dma)
{
}

static void core_usage(struct dma_pool *pool, struct pool_usage *usage)
{
	usage->active = 0;
	usage->blocks = 1;
	usage->pages = 1;
}

#include "frontend.h"
