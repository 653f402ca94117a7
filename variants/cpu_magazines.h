/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A CPU's two magazines: the loaded one, out of and into which blocks go, and the
 * previous one, so that a CPU at the edge of a magazine does not go to the depot at
 * every call.
 *
 * All but cpu_nr_blocks() is for the CPU itself, its local lock held, or for whoever
 * knows that it is no more.
 */
#ifndef VARIANTS_CPU_MAGAZINES_H
#define VARIANTS_CPU_MAGAZINES_H

#include <linux/bitops.h>
#include <linux/cache.h>
#include <linux/local_lock.h>
#include <linux/workqueue.h>

#include "core.h"
#include "depot.h"

/*
 * Touched by its own CPU alone, but that statistics read the counts, trim queues the
 * work, and whoever sees that the CPU is no more empties its magazines.
 */
struct pool_cpu {
	local_lock_t lock;
	/*
	 * Not u16: some processors do not forward a store of that size to the next
	 * call's load.
	 */
	union {
		struct {
			u32 nr;			/* blocks in loaded */
			u32 nr_previous;
		};
		u64 nrs;			/* both, for who swaps or adds them up */
	};
	unsigned int room;			/* a magazine's capacity, at first 0 */
	unsigned int until_look;		/* frees */
	struct magazine *loaded, *previous;
	struct work_struct drain;		/* for trim, on this CPU */
	struct dma_pool *pool;
} ____cacheline_aligned;

static inline void set_nr(struct pool_cpu *cpu, unsigned int nr)
{
	WRITE_ONCE(cpu->nr, nr);
}

static inline void set_nr_previous(struct pool_cpu *cpu, unsigned int nr)
{
	WRITE_ONCE(cpu->nr_previous, nr);
}

/* In both.  Another CPU's is a moment old, but on 64 bits never of two moments. */
static inline size_t cpu_nr_blocks(const struct pool_cpu *cpu)
{
	u64 nrs = READ_ONCE(cpu->nrs);

	return lower_32_bits(nrs) + upper_32_bits(nrs);
}

/* A CPU gets its two at its first use of the pool; false if there is no memory. */
static noinline bool equip(struct pool_cpu *cpu, const struct depot *depot)
{
	if (!cpu->loaded)
		cpu->loaded = magazine_alloc(depot);
	if (!cpu->previous)
		cpu->previous = magazine_alloc(depot);
	if (!cpu->loaded || !cpu->previous)
		return false;
	cpu->room = depot->capacity;
	return true;
}

/* Their blocks are nobody's any more. */
static inline void strip(struct pool_cpu *cpu)
{
	kfree(cpu->loaded);
	kfree(cpu->previous);
}

static inline void swap_magazines(struct pool_cpu *cpu)
{
	swap(cpu->loaded, cpu->previous);
	WRITE_ONCE(cpu->nrs, rol64(cpu->nrs, 32));
}

/* Up to nr blocks of the loaded magazine's, the last to come first; how many. */
static inline size_t pop_blocks(struct pool_cpu *cpu, struct dma_pool_block *blocks,
				size_t nr)
{
	size_t n = min_t(size_t, nr, cpu->nr), i;

	for (i = 0; i < n; i++)
		blocks[i] = cpu->loaded->block[cpu->nr - 1 - i];
	set_nr(cpu, cpu->nr - n);
	return n;
}

/* Into the loaded magazine, which has room for them. */
static inline void push_blocks(struct pool_cpu *cpu, const struct dma_pool_block *blocks,
			       unsigned int nr)
{
	memcpy(&cpu->loaded->block[cpu->nr], blocks, nr * sizeof(*blocks));
	set_nr(cpu, cpu->nr + nr);
}

/* Into the previous one, which has room for it. */
static inline void push_previous(struct pool_cpu *cpu, const struct dma_pool_block *block)
{
	cpu->previous->block[cpu->nr_previous] = *block;
	set_nr_previous(cpu, cpu->nr_previous + 1);
}

#endif
