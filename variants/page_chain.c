// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each page chains its own free blocks by offset, the first four bytes of a free
 * block naming the next; pages stand on a list, newest first, and an allocation takes
 * the first with a free block: what mm/dmapool.c did up to 6.3, with the block layout
 * of 6.4.  Both directions walk the pages, allocation past the full ones and free to
 * the one the address lies in, so the cost grows with the pages held.
 */
#define CORE_LINK_BYTES sizeof(int)
#define CORE_HAS_BULK

#include <linux/cache.h>

#include "core.h"

struct dma_page {
	struct pool_page base;
	unsigned int free;		/* offset of the first free block */
};

/* Pages are added with the lock held, so that whoever holds it may walk them. */
struct dma_pool {
	struct pool_base base;
	spinlock_t lock ____cacheline_aligned;
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

static inline unsigned int get_link(struct dma_page *page, unsigned int offset)
{
	return *(unsigned int *)(page->base.vaddr + offset);
}

static inline void set_link(struct dma_page *page, unsigned int offset, unsigned int next)
{
	*(unsigned int *)(page->base.vaddr + offset) = next;
}

static void chain_blocks(struct dma_pool *pool, struct dma_page *page)
{
	unsigned int offset;

	page->free = 0;
	pool_for_each_offset(&pool->base, offset)
		set_link(page, offset, pool_next_offset(&pool->base, offset));
}

static inline struct dma_page *first_with_free(struct dma_pool *pool)
{
	struct dma_page *page;

	list_for_each_entry(page, &pool->base.pages, base.pages)
		if (page->free < pool->base.allocation)
			return page;
	return NULL;
}

static inline struct dma_page *find_page(struct dma_pool *pool, dma_addr_t dma)
{
	struct dma_page *page;

	list_for_each_entry(page, &pool->base.pages, base.pages)
		if (dma >= page->base.dma &&
		    dma - page->base.dma < pool->base.allocation)
			return page;
	return NULL;
}

/* Called with the lock held, which it drops: a page may have to be waited for. */
static noinline struct dma_page *add_page(struct dma_pool *pool, gfp_t gfp,
					  unsigned long *flags)
	__releases(&pool->lock) __acquires(&pool->lock)
{
	struct dma_page *page;

	spin_unlock_irqrestore(&pool->lock, *flags);
	page = pool_page_alloc(&pool->base, sizeof(*page), gfp);
	if (page)
		chain_blocks(pool, page);
	spin_lock_irqsave(&pool->lock, *flags);
	if (page)
		pool_page_add(&pool->base, &page->base);
	return page;
}

/* Lock held; may drop it for a while. */
static inline void *take_block(struct dma_pool *pool, gfp_t gfp, dma_addr_t *dma,
			       unsigned long *flags)
{
	struct dma_page *page = first_with_free(pool);
	unsigned int offset;

	if (unlikely(!page))
		page = add_page(pool, gfp, flags);
	if (unlikely(!page))
		return NULL;
	offset = page->free;
	page->free = get_link(page, offset);
	pool->nr_active++;
	*dma = page->base.dma + offset;
	return page->base.vaddr + offset;
}

/* Lock held.  False if the address lies in none of the pool's pages. */
static inline bool put_block(struct dma_pool *pool, dma_addr_t dma)
{
	struct dma_page *page = find_page(pool, dma);
	unsigned int offset;

	if (unlikely(!page))
		return false;
	offset = dma - page->base.dma;
	set_link(page, offset, page->free);
	page->free = offset;
	pool->nr_active--;
	return true;
}

static noinline void report_bad_dma(struct dma_pool *pool, void *vaddr, dma_addr_t dma)
{
	dev_err(pool->base.dev, "dma_pool_free %s, %p/%pad (bad dma)\n",
		pool->base.name, vaddr, &dma);
}

static inline void *core_alloc(struct dma_pool *pool, gfp_t gfp, dma_addr_t *dma)
{
	unsigned long flags;
	void *vaddr;

	spin_lock_irqsave(&pool->lock, flags);
	vaddr = take_block(pool, gfp, dma, &flags);
	spin_unlock_irqrestore(&pool->lock, flags);
	return vaddr;
}

static inline void core_free(struct dma_pool *pool, void *vaddr, dma_addr_t dma)
{
	unsigned long flags;
	bool ours;

	spin_lock_irqsave(&pool->lock, flags);
	ours = put_block(pool, dma);
	spin_unlock_irqrestore(&pool->lock, flags);
	if (unlikely(!ours))
		report_bad_dma(pool, vaddr, dma);
}

static size_t core_alloc_bulk(struct dma_pool *pool, gfp_t gfp, size_t nr,
			      struct dma_pool_block *blocks)
{
	unsigned long flags;
	size_t i;

	spin_lock_irqsave(&pool->lock, flags);
	for (i = 0; i < nr; i++) {
		blocks[i].vaddr = take_block(pool, gfp, &blocks[i].dma, &flags);
		if (unlikely(!blocks[i].vaddr))
			break;
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
		if (unlikely(!put_block(pool, blocks[i].dma)))
			report_bad_dma(pool, blocks[i].vaddr, blocks[i].dma);
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
