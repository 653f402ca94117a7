/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a core is given, and what it must give.
 *
 * A core is one file, variants/NAME.c.  It includes this header, defines struct
 * dma_pool (with struct pool_base first) and the functions below, and includes
 * frontend.h last.  The front end is thereby compiled into the core: the public
 * dma_pool_*() calls reach it without an indirect call, inlined where it pays.
 *
 *	static int core_init(struct dma_pool *pool);
 *		Everything outside base, which is ready.  May sleep.  -errno fails the
 *		creation of the pool.
 *	static void core_exit(struct dma_pool *pool);
 *		Undo core_init.  Pages added by pool_page_add() are not the core's
 *		concern.  May sleep.
 *	static void *core_alloc(struct dma_pool *pool, gfp_t gfp, dma_addr_t *dma);
 *	static void core_free(struct dma_pool *pool, void *vaddr, dma_addr_t dma);
 *		Any context.  core_alloc sleeps only where gfp allows it, hands out the
 *		blocks of a fresh page in ascending order, and does not zero.
 *	static void core_usage(struct dma_pool *pool, struct pool_usage *usage);
 *		The figures of the pools file; may be a moment old.  May sleep.
 *
 *	#define CORE_LINK_BYTES n
 *		How many bytes at the start of a free block the core uses itself; the
 *		debug checks leave them alone.
 *	#define CORE_HAS_BULK
 *		The core has core_alloc_bulk and core_free_bulk, of the contracts of
 *		dma_pool_alloc_bulk and dma_pool_free_bulk without zeroing.  Otherwise
 *		the front end loops.
 *	#define CORE_HAS_FIND_PAGE
 *		The core has core_find_page(pool, dma), faster than walking the pages.  It
 *		is called under rcu_read_lock(), and the page stays until the unlock.
 *	#define CORE_HAS_CACHES
 *		The core keeps free blocks where only some CPUs reach them: it has
 *		core_bytes_stranded(pool) and core_trim(pool), of the contracts of the
 *		dma_pool_ calls of these names, and core_quiesce(pool): once it returns,
 *		nobody but the caller moves a block of the pool.  The front end calls it
 *		before the usage that decides what destroy gives back, and before
 *		core_exit.  May sleep.
 *	#define CORE_HAS_NO_PAGES
 *		The core never calls pool_page_add(), so there is no page to look a
 *		block up in: its pools have no debug mode.
 */
#ifndef VARIANTS_CORE_H
#define VARIANTS_CORE_H

#include <linux/bitmap.h>
#include <linux/cache.h>
#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/dmapool.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/poison.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "dmapool_ext.h"

/* A free block of any core has room for a pointer and a DMA address. */
#define MIN_BLOCK_SIZE	(sizeof(void *) + sizeof(dma_addr_t))

/*
 * What every pool has.  The first two lines are read-mostly after creation: nobody who
 * adds a page writes a line that every call reads.
 */
struct pool_base {
	struct device *dev;
	unsigned int size;		/* a block's stride */
	unsigned int allocation;	/* bytes of one page of the pool */
	unsigned int boundary;		/* no block crosses a multiple of this */
	unsigned int blocks_per_page;
	int node;			/* where headers are placed */
	bool debug;
	char name[32];
	struct list_head pools;		/* dev->dma_pools */
	struct pool_cpu __percpu *cpu;	/* the core's own, if it has such */

	/* Of the two below; inside any core's lock. */
	spinlock_t pages_lock ____cacheline_aligned;
	struct list_head pages;		/* newest first */
	size_t nr_pages;
};

/* The header of one coherent allocation; a core may embed it first in its own. */
struct pool_page {
	struct list_head pages;		/* base->pages */
	void *vaddr;
	dma_addr_t dma;
	unsigned long *out;		/* debug only: a bit for each block handed out */
};

struct pool_usage {
	size_t active;			/* blocks handed out */
	size_t blocks;
	size_t pages;
};

/*
 * The offset in its page of the block after the one at @offset; the page's end if none.
 * A boundary below the page's end is a power of two that divides the page.
 */
static inline unsigned int pool_next_offset(const struct pool_base *base,
					    unsigned int offset)
{
	unsigned int next = offset + base->size;
	unsigned int room = base->allocation - next;

	if (base->boundary < base->allocation)
		room = base->boundary - (next & (base->boundary - 1));
	return room < base->size ? next + room : next;
}

#define pool_for_each_offset(base, offset)			\
	for ((offset) = 0; (offset) < (base)->allocation;	\
	     (offset) = pool_next_offset(base, offset))

/**
 * pool_page_alloc - get a page for a pool
 * @base: of the pool
 * @header: size of the page's header, which starts with a struct pool_page
 * @gfp: without __GFP_ZERO
 *
 * The page belongs to nobody until pool_page_add().
 *
 * Context: any, sleeps only if @gfp allows it.
 * Return: the header, or NULL.
 */
static noinline __maybe_unused void *
pool_page_alloc(struct pool_base *base, size_t header, gfp_t gfp)
{
	struct pool_page *page = kmalloc_node(header, gfp, base->node);

	if (!page)
		return NULL;
	page->out = NULL;
	if (base->debug) {
		page->out = bitmap_zalloc(base->allocation / base->size, gfp);
		if (!page->out)
			goto free_header;
	}
	page->vaddr = dma_alloc_coherent(base->dev, base->allocation, &page->dma, gfp);
	if (!page->vaddr)
		goto free_bitmap;
	if (base->debug)
		memset(page->vaddr, POOL_POISON_FREED, base->allocation);
	return page;

free_bitmap:
	bitmap_free(page->out);
free_header:
	kfree(page);
	return NULL;
}

/* Hands a page over to the pool, which frees it when it is destroyed.  Any context. */
static inline void pool_page_add(struct pool_base *base, struct pool_page *page)
{
	unsigned long flags;

	spin_lock_irqsave(&base->pages_lock, flags);
	list_add(&page->pages, &base->pages);
	WRITE_ONCE(base->nr_pages, base->nr_pages + 1);
	spin_unlock_irqrestore(&base->pages_lock, flags);
}

/* Takes back a page that pool_page_add() gave to the pool.  Any context. */
static inline void pool_page_del(struct pool_base *base, struct pool_page *page)
{
	unsigned long flags;

	spin_lock_irqsave(&base->pages_lock, flags);
	list_del(&page->pages);
	WRITE_ONCE(base->nr_pages, base->nr_pages - 1);
	spin_unlock_irqrestore(&base->pages_lock, flags);
}

/* The usage of a core whose blocks all lie in pages of the pool. */
static inline void pool_usage_of_pages(struct pool_base *base, size_t active,
				       struct pool_usage *usage)
{
	usage->active = active;
	usage->pages = READ_ONCE(base->nr_pages);
	usage->blocks = usage->pages * base->blocks_per_page;
}

#endif
