/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The depot: full magazines that CPUs exchange for empty ones.  All magazines of a pool
 * hold the same number of blocks.
 *
 * How many full ones it keeps is bounded twice: by bytes, always, and by its working
 * set: the least number it held in an epoch was not needed in it, and is surplus.
 *
 * Everything is under the caller's lock; the counts may be read without.
 */
#ifndef VARIANTS_DEPOT_H
#define VARIANTS_DEPOT_H

#include <linux/log2.h>
#include <linux/smp.h>

#include "core.h"

/* What a magazine may hold: so many bytes of blocks, within these numbers of blocks. */
#define MAGAZINE_BYTES	16384
#define MAGAZINE_MIN	8u
#define MAGAZINE_MAX	128u

/* Full magazines: so many bytes of blocks, or this many magazines. */
#define DEPOT_BYTES	(256 << 10)
#define DEPOT_MIN	4u

struct magazine {
	struct magazine *next;
	unsigned int cpu;		/* that filled it; a hint */
	struct dma_pool_block block[];
};

struct magazine_list {
	struct magazine *first;
	unsigned int nr;
};

struct depot {
	struct magazine_list full, empty;
	unsigned int capacity;		/* of a magazine */
	unsigned int max;		/* full ones */
	unsigned int least_full;	/* of this epoch */
	unsigned int surplus;		/* full ones still to go, of the last */
};

static inline void depot_init(struct depot *depot, size_t block_size)
{
	depot->capacity = clamp_t(size_t, MAGAZINE_BYTES / block_size,
				  MAGAZINE_MIN, MAGAZINE_MAX);
	/* One less than a power of two and a header: a size that kmalloc has. */
	depot->capacity = rounddown_pow_of_two(depot->capacity) - 1;
	depot->max = max_t(size_t, DEPOT_BYTES / block_size / depot->capacity, DEPOT_MIN);
}

/* Any context, never sleeps; NULL where there is no memory. */
static inline struct magazine *magazine_alloc(const struct depot *depot)
{
	return kmalloc(sizeof(struct magazine) +
		       depot->capacity * sizeof(struct dma_pool_block),
		       GFP_NOWAIT | __GFP_NOWARN);
}

static inline struct magazine *magazine_pop(struct magazine_list *list)
{
	struct magazine *magazine = list->first;

	if (magazine) {
		list->first = magazine->next;
		WRITE_ONCE(list->nr, list->nr - 1);
	}
	return magazine;
}

static inline void magazine_push(struct magazine_list *list, struct magazine *magazine)
{
	magazine->next = list->first;
	list->first = magazine;
	WRITE_ONCE(list->nr, list->nr + 1);
}

/* How many full ones a CPU looks at for one of its own, whose lines its cache has. */
#define MAGAZINE_LOOKS	4

static inline void magazine_bring_own_first(struct magazine_list *list)
{
	struct magazine **at = &list->first, *own;
	unsigned int cpu = raw_smp_processor_id(), i;

	for (i = 0; i < MAGAZINE_LOOKS && *at; i++, at = &(*at)->next) {
		if ((*at)->cpu != cpu)
			continue;
		own = *at;
		*at = own->next;
		own->next = list->first;
		list->first = own;
		return;
	}
}

/* A full one, or NULL. */
static inline struct magazine *depot_pop_full(struct depot *depot)
{
	struct magazine *full;

	magazine_bring_own_first(&depot->full);
	full = magazine_pop(&depot->full);
	depot->least_full = min(depot->least_full, depot->full.nr);
	return full;
}

/* A full one for an empty one; NULL, and the empty one stays the caller's, if none. */
static inline struct magazine *depot_get_full(struct depot *depot, struct magazine *empty)
{
	struct magazine *full = depot_pop_full(depot);

	if (full)
		magazine_push(&depot->empty, empty);
	return full;
}

/* An empty one for a full one; NULL, and the full one stays the caller's, if no room. */
static inline struct magazine *depot_put_full(struct depot *depot, struct magazine *full)
{
	struct magazine *empty;

	if (depot->full.nr == depot->max)
		return NULL;
	empty = magazine_pop(&depot->empty);
	if (!empty)
		empty = magazine_alloc(depot);
	if (empty) {
		full->cpu = raw_smp_processor_id();
		magazine_push(&depot->full, full);
	}
	return empty;
}

/* The magazine that was full and whose blocks are gone. */
static inline void depot_put_empty(struct depot *depot, struct magazine *magazine)
{
	if (depot->empty.nr < depot->max)
		magazine_push(&depot->empty, magazine);
	else
		kfree(magazine);
}

static inline void depot_end_epoch(struct depot *depot)
{
	depot->surplus = depot->least_full;
	depot->least_full = depot->full.nr;
}

/* One of the surplus, or NULL. */
static inline struct magazine *depot_get_surplus(struct depot *depot)
{
	if (!depot->surplus)
		return NULL;
	depot->surplus--;
	return depot_pop_full(depot);
}

/* For whoever frees them once the lock is no longer held. */
static inline struct magazine_list depot_take_empty(struct depot *depot)
{
	struct magazine_list empty = depot->empty;

	depot->empty = (struct magazine_list) { };
	return empty;
}

static inline void magazines_free(struct magazine_list *list)
{
	struct magazine *magazine;

	while ((magazine = magazine_pop(list)))
		kfree(magazine);
}

/* Of blocks that are nobody's any more. */
static inline void depot_exit(struct depot *depot)
{
	magazines_free(&depot->full);
	magazines_free(&depot->empty);
}

#endif
