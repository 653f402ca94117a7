/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which page a DMA address lies in: a hash table by page frame, read under RCU alone,
 * written under a lock of the caller's.  A block never crosses its page's frame unless
 * it is the page's only one, so the block's own address finds it.
 *
 * The table doubles when pages outnumber buckets.  Every page has two chain links, one
 * for the table in use and one for its successor, so that a growing table is filled
 * while readers still walk the old one; it can grow again when these are gone.
 */
#ifndef VARIANTS_PAGE_INDEX_H
#define VARIANTS_PAGE_INDEX_H

#include <linux/hash.h>
#include <asm/barrier.h>
#include <linux/rcupdate.h>

#include "core.h"

#define PAGE_INDEX_MIN_BITS	6

struct page_link {
	struct page_link *next[2];	/* [table->generation] */
	dma_addr_t frame;
};

struct page_table {
	struct rcu_head rcu;
	struct page_index *index;
	unsigned int bits;
	unsigned int generation;
	struct page_link *bucket[];
};

struct page_index {
	struct page_table *table;
	size_t nr;
	bool growing;		/* readers of the former table may be left */
};

static inline struct page_table *page_table_alloc(struct page_index *index,
						  unsigned int bits,
						  unsigned int generation, gfp_t gfp)
{
	struct page_table *table;

	table = kzalloc(sizeof(*table) + (sizeof(table->bucket[0]) << bits), gfp);
	if (table) {
		table->index = index;
		table->bits = bits;
		table->generation = generation;
	}
	return table;
}

static inline struct page_link **page_bucket(struct page_table *table, dma_addr_t frame)
{
	return &table->bucket[hash_64(frame, table->bits)];
}

static inline void page_table_insert(struct page_table *table, struct page_link *link)
{
	struct page_link **bucket = page_bucket(table, link->frame);

	link->next[table->generation] = *bucket;
	/* Release: a reader that finds the link finds its page complete. */
	rcu_assign_pointer(*bucket, link);
}

static void page_table_gone(struct rcu_head *rcu)
{
	struct page_table *table = container_of(rcu, struct page_table, rcu);
	struct page_index *index = table->index;

	kfree(table);
	/* Pairs with page_index_grow(): the other links are nobody's now. */
	smp_store_release(&index->growing, false);
}

/* Lock held.  Without memory the chains get longer. */
static void page_index_grow(struct page_index *index)
{
	struct page_table *old = index->table, *table;
	struct page_link *link;
	size_t i;

	/* Acquire pairs with page_table_gone(): nobody walks the links to be reused. */
	if (index->nr >> old->bits == 0 || smp_load_acquire(&index->growing))
		return;
	table = page_table_alloc(index, old->bits + 1, !old->generation,
				 GFP_NOWAIT | __GFP_NOWARN);
	if (!table)
		return;
	for (i = 0; i < 1UL << old->bits; i++)
		for (link = old->bucket[i]; link; link = link->next[old->generation])
			page_table_insert(table, link);
	index->growing = true;
	rcu_assign_pointer(index->table, table);
	call_rcu(&old->rcu, page_table_gone);
}

static inline int page_index_init(struct page_index *index)
{
	index->table = page_table_alloc(index, PAGE_INDEX_MIN_BITS, 0, GFP_KERNEL);
	return index->table ? 0 : -ENOMEM;
}

/* Nobody looks anything up any more.  May sleep. */
static inline void page_index_exit(struct page_index *index)
{
	/* Acquire pairs with page_table_gone(), which is the last to touch the index. */
	if (smp_load_acquire(&index->growing))
		rcu_barrier();
	kfree(index->table);
}

/* Lock held. */
static inline void page_index_add(struct page_index *index, struct page_link *link,
				  dma_addr_t dma)
{
	link->frame = dma >> PAGE_SHIFT;
	index->nr++;
	page_index_grow(index);
	page_table_insert(index->table, link);
}

/* Lock held.  Readers may still be at the link until a grace period later. */
static inline void page_index_del(struct page_index *index, struct page_link *link)
{
	struct page_table *table = index->table;
	struct page_link **at = page_bucket(table, link->frame);

	while (*at != link)
		at = &(*at)->next[table->generation];
	rcu_assign_pointer(*at, link->next[table->generation]);
	index->nr--;
}

/* Under rcu_read_lock(), or the lock. */
static inline struct page_link *page_index_find(struct page_index *index, dma_addr_t dma)
{
	struct page_table *table = rcu_dereference(index->table);
	dma_addr_t frame = dma >> PAGE_SHIFT;
	struct page_link *link = rcu_dereference(*page_bucket(table, frame));

	while (link && link->frame != frame)
		link = rcu_dereference(link->next[table->generation]);
	return link;
}

#endif
