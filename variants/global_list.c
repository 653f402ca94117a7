// SPDX-License-Identifier: GPL-2.0-only
/*
 * One list of free blocks across all pages, last freed first, under one lock: what
 * mm/dmapool.c does since 6.4.  A free block holds the list's link and its own DMA
 * address, so an allocation touches one cache line besides the pool's, and whoever
 * writes to a freed block steers the list.
 */
#define CORE_LINK_BYTES sizeof(struct dma_block)
#define CORE_HAS_BULK

#include <linux/cache.h>

#include "core.h"

struct dma_block {
	struct dma_block *next;
	dma_addr_t dma;
};

/* What an operation writes is one cache line, so that one line moves between CPUs. */
struct dma_pool {
	struct pool_base base;
	spinlock_t lock ____cacheline_aligned;	/* of the two below */
	struct dma_block *free;
	size_t nr_active;
};

static int core_init(struct dma_pool *pool)
{
	spin_lock_init(&pool->lock);
	return 0;
}

static void core_exit(struct dma_pool *pool)
{
}

/* Puts a page's blocks before those that are there, in ascending order. */
static void list_page(struct dma_pool *pool, struct pool_page *page)
{
	struct dma_block **link = &pool->free, *rest = pool->free;
	unsigned int offset;

	pool_for_each_offset(&pool->base, offset) {
		*link = page->vaddr + offset;
		(*link)->dma = page->dma + offset;
		link = &(*link)->next;
	}
	*link = rest;
}

static inline struct dma_block *pop(struct dma_pool *pool)
{
	struct dma_block *block = pool->free;

	if (likely(block)) {
		pool->free = block->next;
		pool->nr_active++;
	}
	return block;
}

static inline void push(struct dma_pool *pool, void *vaddr, dma_addr_t dma)
{
	struct dma_block *block = vaddr;

	block->dma = dma;
	block->next = pool->free;
	pool->free = block;
	pool->nr_active--;
}

/*
 * Called with the lock held, which it drops: a page may have to be waited for.  Of
 * two CPUs that find the list empty each adds a page.
 */
static noinline struct dma_block *pop_from_new_page(struct dma_pool *pool, gfp_t gfp,
						    unsigned long *flags)
{
	struct pool_page *page;

	spin_unlock_irqrestore(&pool->lock, *flags);
	page = pool_page_alloc(&pool->base, sizeof(*page), gfp);
	spin_lock_irqsave(&pool->lock, *flags);
	if (!page)
		return NULL;
	pool_page_add(&pool->base, page);
	list_page(pool, page);
	return pop(pool);
}

static inline void *core_alloc(struct dma_pool *pool, gfp_t gfp, dma_addr_t *dma)
{
	struct dma_block *block;
	unsigned long flags;

	spin_lock_irqsave(&pool->lock, flags);
	block = pop(pool);
	if (unlikely(!block))
		block = pop_from_new_page(pool, gfp, &flags);
	spin_unlock_irqrestore(&pool->lock, flags);
	if (likely(block))
		*dma = block->dma;
	return block;
}

static inline void core_free(struct dma_pool *pool, void *vaddr, dma_addr_t dma)
{
	unsigned long flags;

	spin_lock_irqsave(&pool->lock, flags);
	push(pool, vaddr, dma);
	spin_unlock_irqrestore(&pool->lock, flags);
}

static size_t core_alloc_bulk(struct dma_pool *pool, gfp_t gfp, size_t nr,
			      struct dma_pool_block *blocks)
{
	struct dma_block *block;
	unsigned long flags;
	size_t i;

	spin_lock_irqsave(&pool->lock, flags);
	for (i = 0; i < nr; i++) {
		block = pop(pool);
		if (unlikely(!block))
			block = pop_from_new_page(pool, gfp, &flags);
		if (unlikely(!block))
			break;
		blocks[i].vaddr = block;
		blocks[i].dma = block->dma;
	}
	spin_unlock_irqrestore(&pool->lock, flags);
	return i;
}

static void core_free_bulk(struct dma_pool *pool, size_t nr,
			   const struct dma_pool_block *blocks)
{
	unsigned long flags;
	size_t i;

	spin_lock_irqsave(&pool->lock, flags);
	for (i = 0; i < nr; i++)
		push(pool, blocks[i].vaddr, blocks[i].dma);
	spin_unlock_irqrestore(&pool->lock, flags);
}

static void core_usage(struct dma_pool *pool, struct pool_usage *usage)
{
	unsigned long flags;

	spin_lock_irqsave(&pool->lock, flags);
	pool_usage_of_pages(&pool->base, pool->nr_active, usage);
	spin_unlock_irqrestore(&pool->lock, flags);
}

#include "frontend.h"
