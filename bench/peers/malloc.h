/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * <linux/dmapool.h> over a malloc, as thin as it can be: for a peer that defines
 *
 *	static void *peer_alloc(size_t size);
 *	static void *peer_alloc_aligned(size_t align, size_t size);
 *	static void peer_free(void *vaddr);
 *	static bool peer_init(void);
 *		Before the first of them; false if there is no such library.
 *
 * as inlines over its fastest calls and includes this last.  A pool is a size and an
 * alignment; the allocator's own size class is the pool, shared by all pools of that
 * size.  Blocks lie in memory of the allocator's choice, not in the page source's.
 */
#ifndef PEERS_MALLOC_H
#define PEERS_MALLOC_H

#include <linux/kernel.h>
#include <linux/slab.h>
#include <string.h>

#include "peer.h"

struct dma_pool {
	size_t size;
	size_t align;		/* 0: what the allocator gives of itself is enough */
};

/* Of any malloc, for blocks of 16 bytes and more; smaller ones there are not. */
#define MALLOC_ALIGN	16

static size_t roundup_pow2(size_t n)
{
	size_t p = 1;

	while (p < n)
		p *= 2;
	return p;
}

struct dma_pool *dma_pool_create(const char *name, struct device *dev, size_t size,
				 size_t align, size_t boundary)
{
	struct dma_pool *pool;

	size = max(size, (size_t)MALLOC_ALIGN);
	/* A block aligned to its size, rounded up, crosses no larger power of two. */
	if (boundary)
		align = max(align, roundup_pow2(size));
	pool = peer_init() ? kmalloc(sizeof(*pool), GFP_KERNEL) : NULL;
	if (!pool)
		return NULL;
	pool->align = align > MALLOC_ALIGN ? align : 0;
	pool->size = pool->align ? ALIGN(size, align) : size;
	return pool;
}

void dma_pool_destroy(struct dma_pool *pool)
{
	kfree(pool);
}

void *dma_pool_alloc(struct dma_pool *pool, gfp_t gfp, dma_addr_t *handle)
{
	void *vaddr;

	if (likely(!pool->align))
		vaddr = peer_alloc(pool->size);
	else
		vaddr = peer_alloc_aligned(pool->align, pool->size);
	*handle = peer_dma(vaddr);
	if (unlikely(gfp & __GFP_ZERO) && vaddr)
		memset(vaddr, 0, pool->size);
	return vaddr;
}

void dma_pool_free(struct dma_pool *pool, void *vaddr, dma_addr_t dma)
{
	peer_free(vaddr);
}

#endif
