/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which page a DMA address lies in: a hash table by page frame, read under RCU alone,
 * written under a lock of the caller's.  A block never crosses its page's frame unless
 * it is the page's only one, so the block's own address finds it.
 *
 * The table grows when pages outnumber buckets.  Every page has two chain links, one for
 * the table in use and one for its successor, which is filled while readers still walk
 * the former one.  To grow once more these must be gone, and a grace period is asked for
 * only then: most pools never need one.
 *
 * Not the kernel's rhashtable or xarray: adding a page must not fail, and finding one
 * costs the bucket's line and the page's own.
 */
#ifndef VARIANTS_PAGE_INDEX_H
#define VARIANTS_PAGE_INDEX_H

#include <linux/hash.h>
#include <asm/barrier.h>
#include <linux/rcupdate.h>

#include "core.h"

/* Buckets.  Growth hashes all pages anew with interrupts masked: at 256, 2048, 16384. */
#define PAGE_INDEX_MIN_BITS	8
#define PAGE_INDEX_GROW_BITS	3
#define PAGE_INDEX_MAX_BITS	17

/* With its header all in one line: finding a page costs that line and the bucket's. */
struct indexed_page {
	struct pool_page base;
	struct indexed_page __rcu *next[2];	/* [table->generation] */
};

struct page_table {
	struct rcu_head rcu;
	struct page_index *index;	/* once it is the former one */
	unsigned int bits;
	unsigned int generation;
	struct indexed_page __rcu *bucket[];
};

struct page_index {
	struct page_table __rcu *table;
	struct page_table *former;	/* which readers may still be at */
	size_t nr;
	bool waiting;			/* for them, in a grace period */
};

/* By the holder of the lock. */
#define page_index_locked(p)	rcu_dereference_protected(p, true)

static inline struct page_table *page_table_alloc(unsigned int bits, gfp_t gfp)
{
	struct page_table *table;

	table = kzalloc(sizeof(*table) + (sizeof(table->bucket[0]) << bits), gfp);
	if (table)
		table->bits = bits;
	return table;
}

static inline dma_addr_t frame_of(const struct indexed_page *page)
{
	return page->base.dma >> PAGE_SHIFT;
}

static inline struct indexed_page __rcu **page_bucket(struct page_table *table,
						      dma_addr_t frame)
{
	return &table->bucket[hash_64(frame, table->bits)];
}

static inline void page_table_insert(struct page_table *table, struct indexed_page *page)
{
	struct indexed_page __rcu **bucket = page_bucket(table, frame_of(page));

	RCU_INIT_POINTER(page->next[table->generation], page_index_locked(*bucket));
	/* Release: a reader that finds the page finds it complete. */
	rcu_assign_pointer(*bucket, page);
}

static void page_table_gone(struct rcu_head *rcu)
{
	struct page_table *table = container_of(rcu, struct page_table, rcu);
	struct page_index *index = table->index;

	kfree(table);
	/* Pairs with the acquires below: the other links, and the index, are let go. */
	smp_store_release(&index->former, NULL);
}

/* Lock held.  If not now, then after a grace period that this asks for. */
static inline bool page_index_may_grow(struct page_index *index)
{
	/* Acquire pairs with page_table_gone(): nobody walks the links to be reused. */
	struct page_table *former = smp_load_acquire(&index->former);

	if (former && !index->waiting) {
		index->waiting = true;
		call_rcu(&former->rcu, page_table_gone);
	}
	return !former;
}

/*
 * A larger table, if the next page may need one, for page_index_add(); without memory the
 * chains get longer.  Without the lock, for large memory is long in coming; tried again
 * at every page, so it must not be trouble to others.
 */
static struct page_table *page_index_prepare(struct page_index *index)
{
	unsigned int bits;

	rcu_read_lock();
	bits = rcu_dereference(index->table)->bits;
	rcu_read_unlock();
	if (READ_ONCE(index->nr) >> bits == 0 || bits >= PAGE_INDEX_MAX_BITS)
		return NULL;
	return page_table_alloc(bits + PAGE_INDEX_GROW_BITS, __GFP_NOWARN);
}

/* Lock held. */
static void page_index_grow(struct page_index *index, struct page_table *table)
{
	struct page_table *old = page_index_locked(index->table);
	struct indexed_page *page;
	size_t i;

	old->index = index;
	table->generation = !old->generation;
	for (i = 0; i < 1UL << old->bits; i++)
		for (page = page_index_locked(old->bucket[i]); page;
		     page = page_index_locked(page->next[old->generation]))
			page_table_insert(table, page);
	index->former = old;
	index->waiting = false;
	rcu_assign_pointer(index->table, table);
}

static inline int page_index_init(struct page_index *index)
{
	struct page_table *table = page_table_alloc(PAGE_INDEX_MIN_BITS, GFP_KERNEL);

	RCU_INIT_POINTER(index->table, table);
	return table ? 0 : -ENOMEM;
}

/* Nobody looks anything up any more.  May sleep. */
static inline void page_index_exit(struct page_index *index)
{
	/* Acquire pairs with page_table_gone(), which is the last to touch the index. */
	if (smp_load_acquire(&index->former) && index->waiting)
		rcu_barrier();
	kfree(index->former);
	kfree(page_index_locked(index->table));
}

/* Lock held.  Takes over the larger table if it is of use; what is left to free. */
static inline struct page_table *
page_index_add(struct page_index *index, struct indexed_page *page,
	       struct page_table *larger)
{
	struct page_table *table = page_index_locked(index->table);

	WRITE_ONCE(index->nr, index->nr + 1);
	if (larger && larger->bits > table->bits && page_index_may_grow(index)) {
		page_index_grow(index, larger);
		table = larger;
		larger = NULL;
	}
	page_table_insert(table, page);
	return larger;
}

/* Lock held.  Readers may still be at the page until a grace period later. */
static inline void page_index_del(struct page_index *index, struct indexed_page *page)
{
	struct page_table *table = page_index_locked(index->table);
	struct indexed_page __rcu **at = page_bucket(table, frame_of(page));

	while (page_index_locked(*at) != page)
		at = &page_index_locked(*at)->next[table->generation];
	rcu_assign_pointer(*at, page_index_locked(page->next[table->generation]));
	WRITE_ONCE(index->nr, index->nr - 1);
}

/* Under rcu_read_lock(): the page that a block at dma is in, or NULL. */
static inline struct indexed_page *page_index_find(struct page_index *index,
						   dma_addr_t dma)
{
	struct page_table *table = rcu_dereference(index->table);
	dma_addr_t frame = dma >> PAGE_SHIFT;
	struct indexed_page *page = rcu_dereference(*page_bucket(table, frame));

	while (page && frame_of(page) != frame)
		page = rcu_dereference(page->next[table->generation]);
	return page;
}

#endif
