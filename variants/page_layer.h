/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The pages of a pool whose blocks pass through caches: which blocks of a page are
 * free is kept beside the page, not in it, so that nothing the allocator trusts lies
 * where a device can write.
 *
 * Blocks are taken from the fullest page that has one, so that others drain.  A page
 * that is wholly free for a while is unlinked, and its memory given back after a grace
 * period by a work that may sleep.  "A while" is an epoch, in which the caller moves
 * so many blocks that all could have been out once: the least number of empty pages
 * seen in it is what was not needed.
 *
 * Everything is under the caller's lock except layer_find().
 */
#ifndef VARIANTS_PAGE_LAYER_H
#define VARIANTS_PAGE_LAYER_H

#include <linux/build_bug.h>
#include <linux/minmax.h>
#include <linux/workqueue.h>

#include "core.h"
#include "page_index.h"

/* No block is smaller, so at most one begins in each unit of a page. */
#define UNIT_SHIFT	(MIN_BLOCK_SIZE < 16 ? 3 : 4)
#define PAGE_UNITS	(PAGE_SIZE >> UNIT_SHIFT)
static_assert(PAGE_SIZE <= 1 << 16, "offsets in a page are of 16 bits");

/* Pages with something free, by how much: class 0 is the fullest. */
#define FULLNESS_CLASSES	8

struct dma_page {
	struct indexed_page indexed;
	struct dma_page *below;			/* among the empty ones */

	/* Its own line: written at every visit, while others search the index. */
	unsigned int nr_free ____cacheline_aligned;
	struct list_head siblings;		/* of its class, or condemned */
	unsigned long free[PAGE_UNITS / BITS_PER_LONG];	/* blocks, by first unit */
};

struct page_layer {
	struct pool_base *base;
	struct page_index index;
	struct list_head class[FULLNESS_CLASSES];
	struct dma_page *empty;			/* the last to become so first */
	size_t nr_free;				/* blocks in all pages */
	size_t nr_empty;			/* pages wholly free */
	size_t least_empty, least_gaps;		/* of this epoch */
	size_t surplus;				/* empty pages still to go, of the last */
	struct list_head condemned;		/* unlinked, for the next grace period */
	struct list_head doomed;		/* unlinked, in one */
	struct rcu_work release;
	struct workqueue_struct *wq;		/* for it */
	spinlock_t *lock;
	unsigned int class_shift;		/* of a page's free blocks to its class */
	u16 offset[PAGE_UNITS];			/* of the block begun in a unit, or 0 */
	unsigned long all[PAGE_UNITS / BITS_PER_LONG];	/* a page's ->free at first */
};

static void layer_release_work(struct work_struct *work);

static inline int layer_init(struct page_layer *layer, struct pool_base *base,
			     spinlock_t *lock, struct workqueue_struct *wq)
{
	unsigned int i, offset;

	layer->base = base;
	layer->lock = lock;
	layer->wq = wq;
	while ((base->blocks_per_page - 1) >> layer->class_shift >= FULLNESS_CLASSES)
		layer->class_shift++;
	for (i = 0; i < FULLNESS_CLASSES; i++)
		INIT_LIST_HEAD(&layer->class[i]);
	INIT_LIST_HEAD(&layer->condemned);
	INIT_LIST_HEAD(&layer->doomed);
	INIT_RCU_WORK(&layer->release, layer_release_work);
	pool_for_each_offset(base, offset) {
		unsigned int unit = offset >> UNIT_SHIFT;

		layer->offset[unit] = offset;
		layer->all[BIT_WORD(unit)] |= BIT_MASK(unit);
	}
	return page_index_init(&layer->index);
}

/* Under rcu_read_lock(): the page of a block, or NULL. */
static inline struct dma_page *layer_find(struct page_layer *layer, dma_addr_t dma)
{
	struct indexed_page *page = page_index_find(&layer->index, dma);

	return page ? container_of(page, struct dma_page, indexed) : NULL;
}

/*
 * Wholly free pages are a stack, so that filing one touches no other; only its top ever
 * leaves it.  A page with nothing free is nowhere.
 */
static inline void layer_file(struct page_layer *layer, struct dma_page *page)
{
	if (page->nr_free == layer->base->blocks_per_page) {
		page->below = layer->empty;
		layer->empty = page;
	} else if (page->nr_free) {
		list_add(&page->siblings,
			 &layer->class[page->nr_free >> layer->class_shift]);
	}
}

/* Takes a page from where layer_file() put it when it had so many free. */
static inline void layer_unfile(struct page_layer *layer, struct dma_page *page,
				unsigned int nr_free)
{
	if (nr_free == layer->base->blocks_per_page)
		layer->empty = page->below;
	else if (nr_free)
		list_del(&page->siblings);
}

/* Free blocks in pages that also have others. */
static inline size_t layer_gaps(const struct page_layer *layer)
{
	return layer->nr_free - layer->nr_empty * layer->base->blocks_per_page;
}

/* Changes a page's number of free blocks, and what follows from it. */
static inline void layer_count(struct page_layer *layer, struct dma_page *page,
			       int change)
{
	unsigned int blocks = layer->base->blocks_per_page;
	unsigned int was = page->nr_free, is = was + change;

	page->nr_free = is;
	WRITE_ONCE(layer->nr_free, layer->nr_free + change);
	WRITE_ONCE(layer->nr_empty,
		   layer->nr_empty + (is == blocks) - (was == blocks));
	layer->least_empty = min(layer->least_empty, layer->nr_empty);
	layer->least_gaps = min(layer->least_gaps, layer_gaps(layer));
	if (was && is && is != blocks && was != blocks &&
	    was >> layer->class_shift == is >> layer->class_shift)
		return;
	layer_unfile(layer, page, was);
	layer_file(layer, page);
}

/* With what page_index_prepare() gave; what is left of it to free. */
static inline struct page_table *
layer_add_page(struct page_layer *layer, struct dma_page *page, struct page_table *larger)
{
	memcpy(page->free, layer->all, sizeof(page->free));
	page->nr_free = 0;
	pool_page_add(layer->base, &page->indexed.base);
	larger = page_index_add(&layer->index, &page->indexed, larger);
	layer_count(layer, page, layer->base->blocks_per_page);
	return larger;
}

static inline struct dma_page *layer_fullest(struct page_layer *layer)
{
	unsigned int i;

	for (i = 0; i < FULLNESS_CLASSES; i++)
		if (!list_empty(&layer->class[i]))
			return list_first_entry(&layer->class[i], struct dma_page,
						siblings);
	return layer->empty;
}

/* Up to nr blocks of one page, lowest first, into blocks[nr - 1], blocks[nr - 2] ... */
static inline unsigned int layer_take_from(struct page_layer *layer,
					   struct dma_page *page,
					   struct dma_pool_block *blocks, unsigned int nr)
{
	unsigned int want = min(nr, page->nr_free), got = 0, word, bit, offset;
	const struct pool_page *at = &page->indexed.base;

	for (word = 0; got < want; word++) {
		while (page->free[word] && got < want) {
			bit = __ffs(page->free[word]);
			page->free[word] &= page->free[word] - 1;
			offset = layer->offset[word * BITS_PER_LONG + bit];
			got++;
			blocks[nr - got].vaddr = at->vaddr + offset;
			blocks[nr - got].dma = at->dma + offset;
		}
	}
	layer_count(layer, page, -(int)want);
	return want;
}

/*
 * Takes up to nr blocks off the fullest pages; how many.  The last entry is the first
 * to go out, so that a fresh page's blocks leave in ascending order.
 */
static inline unsigned int layer_take(struct page_layer *layer,
				      struct dma_pool_block *blocks, unsigned int nr)
{
	unsigned int left;

	nr = min_t(size_t, nr, layer->nr_free);
	for (left = nr; left;)
		left -= layer_take_from(layer, layer_fullest(layer), blocks, left);
	return nr;
}

/*
 * One block back to its page, which its frame has found; what is wrong with it, or NULL.
 * The caller counts: several blocks of a page in a row are one layer_count().
 */
static inline const char *layer_put(const struct page_layer *layer, struct dma_page *page,
				    dma_addr_t dma)
{
	unsigned int offset = dma - page->indexed.base.dma;
	unsigned int unit = offset >> UNIT_SHIFT;
	unsigned long *word = &page->free[BIT_WORD(unit)];

	/* A unit in which no block begins has 0 here, which is no offset in it. */
	if (unlikely(layer->offset[unit] != offset))
		return "bad dma";
	if (unlikely(*word & BIT_MASK(unit)))
		return "already free";
	*word |= BIT_MASK(unit);
	return NULL;
}

static noinline void layer_report(struct page_layer *layer,
				  const struct dma_pool_block *block, const char *what)
{
	dev_err(layer->base->dev, "dma_pool_free %s, %p/%pad (%s)\n", layer->base->name,
		block->vaddr, &block->dma, what);
}

/* Blocks back to their pages; neighbours in the array often share one. */
static void layer_put_blocks(struct page_layer *layer, const struct dma_pool_block *block,
			     unsigned int nr)
{
	struct dma_page *page = NULL;
	const char *wrong;
	int run = 0;

	rcu_read_lock();
	for (; nr--; block++) {
		if (!page || block->dma >> PAGE_SHIFT != frame_of(&page->indexed)) {
			if (run)
				layer_count(layer, page, run);
			run = 0;
			page = layer_find(layer, block->dma);
		}
		wrong = page ? layer_put(layer, page, block->dma) : "bad dma";
		if (unlikely(wrong))
			layer_report(layer, block, wrong);
		else
			run++;
	}
	if (run)
		layer_count(layer, page, run);
	rcu_read_unlock();
}

/* Unlinks an empty page, if there is one; its memory goes with the next grace period. */
static inline bool layer_condemn(struct page_layer *layer)
{
	struct dma_page *page = layer->empty;

	if (!page)
		return false;
	layer->empty = page->below;
	WRITE_ONCE(layer->nr_empty, layer->nr_empty - 1);
	WRITE_ONCE(layer->nr_free, layer->nr_free - page->nr_free);
	page_index_del(&layer->index, &page->indexed);
	pool_page_del(layer->base, &page->indexed.base);
	list_add(&page->siblings, &layer->condemned);
	return true;
}

/* How many pages to condemn at a time: it is done with interrupts masked. */
#define SHRINK_BATCH	8

/* Has condemned pages released.  Those already in a grace period have their own. */
static inline void layer_release(struct page_layer *layer)
{
	if (list_empty(&layer->doomed) && !list_empty(&layer->condemned)) {
		list_splice_init(&layer->condemned, &layer->doomed);
		queue_rcu_work(layer->wq, &layer->release);
	}
}

/* Condemns up to nr empty pages and has them released; how many.  Any context. */
static inline size_t layer_shrink(struct page_layer *layer, size_t nr)
{
	size_t done = 0;

	while (done < nr && layer_condemn(layer))
		done++;
	layer_release(layer);
	return done;
}

static inline size_t layer_blocks(const struct page_layer *layer)
{
	return READ_ONCE(layer->base->nr_pages) * layer->base->blocks_per_page;
}

/* Empty pages that stay, needed or not: demand comes and goes. */
#define RESERVE		16

/* How many empty pages there are beyond those. */
static inline size_t layer_spare(const struct page_layer *layer)
{
	return max_t(size_t, READ_ONCE(layer->nr_empty), RESERVE) - RESERVE;
}

static inline void layer_shrink_some(struct page_layer *layer)
{
	size_t nr = min3(layer->surplus, layer_spare(layer), (size_t)SHRINK_BATCH);

	layer->surplus -= nr;
	if (nr)
		layer_shrink(layer, nr);
}

/*
 * The end of an epoch: what stayed empty throughout is surplus.  True if the other pages
 * are sparse: a quarter of their blocks was free throughout.
 */
static inline bool layer_end_epoch(struct page_layer *layer)
{
	size_t pages = layer->base->nr_pages - layer->nr_empty;
	bool sparse = layer->least_gaps > pages * layer->base->blocks_per_page / 4;

	layer->surplus = layer->least_empty;
	layer->least_empty = layer->nr_empty;
	layer->least_gaps = layer_gaps(layer);
	return sparse;
}

static void layer_free_pages(struct page_layer *layer, struct list_head *pages)
{
	struct dma_page *page, *next;

	list_for_each_entry_safe(page, next, pages, siblings) {
		dma_free_coherent(layer->base->dev, layer->base->allocation,
				  page->indexed.base.vaddr, page->indexed.base.dma);
		bitmap_free(page->indexed.base.out);
		kfree(page);
	}
}

/* A grace period after the pages of doomed were unlinked: nobody can find them. */
static void layer_release_work(struct work_struct *work)
{
	struct page_layer *layer = container_of(to_rcu_work(work), struct page_layer,
						release);
	LIST_HEAD(gone);
	unsigned long flags;

	spin_lock_irqsave(layer->lock, flags);
	list_splice_init(&layer->doomed, &gone);
	layer_release(layer);
	spin_unlock_irqrestore(layer->lock, flags);
	layer_free_pages(layer, &gone);
}

/*
 * Waits for the releases under way.  May sleep.  Where no page is doomed the work is at
 * most running, for it takes them and queues itself anew in one hold of the lock.
 * Bounded: other CPUs may go on condemning.
 */
static inline void layer_wait(struct page_layer *layer)
{
	unsigned int rounds = 8;
	unsigned long flags;
	bool doomed;

	do {
		spin_lock_irqsave(layer->lock, flags);
		doomed = !list_empty(&layer->doomed);
		spin_unlock_irqrestore(layer->lock, flags);
		flush_rcu_work(&layer->release);
	} while (doomed && --rounds);
}

/* No block is asked for or given back any more.  May sleep. */
static inline void layer_exit(struct page_layer *layer)
{
	layer_wait(layer);
	page_index_exit(&layer->index);
}

#endif
