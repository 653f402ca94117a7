// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-CPU magazines over a depot over pages, after Bonwick and Adams (2001).
 *
 * Each CPU has a loaded and a previous magazine of (vaddr, dma) pairs and works on
 * them with interrupts masked and no line shared with another CPU.  Full ones are
 * exchanged for empty ones in the depot, which is bounded; past it are the pages
 * (page_layer.h).  percpu_magazine.md says what is shared by whom, which order pairs
 * with which, and what else was tried.
 */
#define CORE_LINK_BYTES 0
#define CORE_HAS_BULK
#define CORE_HAS_FIND_PAGE
#define CORE_HAS_CACHES

#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/percpu.h>
#include <linux/sched.h>

#include "core.h"
#include "cpu_magazines.h"
#include "depot.h"
#include "page_layer.h"
#include "reclaim.h"

/* An epoch: so many blocks moved, and three times those the pool has. */
#define EPOCH_MIN	16384

/*
 * Where this many frees went by without a visit to the depot, one looks at how the pool
 * fares.  Where its pages are sparse it comes more often, and its block goes back to
 * the page: without that a pool whose blocks are exchanged one for one never sees its
 * pages, and sparse ones never empty; with it every block comes by sooner or later, and
 * allocations move to the fullest pages.
 */
#define LOOK_INTERVAL	256
#define RETURN_INTERVAL	16
#define RETURN_BATCH	16u	/* blocks that go to their pages together */

struct dma_pool {
	struct pool_base base;

	spinlock_t lock ____cacheline_aligned;	/* of all below; inside a CPU's lock */
	struct depot depot;
	size_t moved;				/* blocks, in this epoch */
	bool sparse;				/* its pages; read without the lock */
	struct page_layer pages;
	struct reclaim reclaim;
	struct mutex trim_lock;			/* of the CPUs' drain works */
};

/* A full magazine that nobody asked for: its blocks to the pages.  Lock held. */
static void drain_magazine(struct dma_pool *pool, struct magazine *magazine)
{
	layer_put_blocks(&pool->pages, magazine->block, pool->depot.capacity);
	depot_put_empty(&pool->depot, magazine);
}

static void end_epoch(struct dma_pool *pool)
{
	depot_end_epoch(&pool->depot);
	WRITE_ONCE(pool->sparse, layer_end_epoch(&pool->pages));
	pool->moved = 0;
}

/*
 * Lock held; each visit ends with this, having moved so many blocks one way.  When all
 * blocks could have been out and back since the epoch began, it ends, and what was not
 * needed in it is given back, a little at each visit.
 */
static void end_visit(struct dma_pool *pool, struct pool_cpu *cpu, unsigned int moved)
{
	struct magazine *surplus;

	pool->moved += moved;
	if (pool->moved >= 3 * layer_blocks(&pool->pages) + EPOCH_MIN)
		end_epoch(pool);
	surplus = depot_get_surplus(&pool->depot);
	if (surplus)
		drain_magazine(pool, surplus);
	layer_shrink_some(&pool->pages);
	if (!pool->sparse)
		cpu->until_look = LOOK_INTERVAL;
}

/* A full magazine of the depot's for loaded, which is empty.  Lock held. */
static bool load_from_depot(struct dma_pool *pool, struct pool_cpu *cpu)
{
	struct magazine *full = depot_get_full(&pool->depot, cpu->loaded);

	if (!full)
		return false;
	cpu->loaded = full;
	set_nr(cpu, pool->depot.capacity);
	return true;
}

static bool load_from_pages(struct dma_pool *pool, struct pool_cpu *cpu)
{
	set_nr(cpu, layer_take(&pool->pages, cpu->loaded->block, pool->depot.capacity));
	return cpu->nr;
}

/* The previous magazine's blocks to their pages.  Lock held. */
static void empty_previous(struct dma_pool *pool, struct pool_cpu *cpu)
{
	layer_put_blocks(&pool->pages, cpu->previous->block, cpu->nr_previous);
	set_nr_previous(cpu, 0);
}

/*
 * Something into the loaded magazine, which is empty, without sleeping.  In a sparse
 * pool the previous one has blocks on their way back to their pages.
 */
static bool reload(struct dma_pool *pool, struct pool_cpu *cpu)
{
	bool loaded;

	if (cpu->nr_previous && !READ_ONCE(pool->sparse)) {
		swap_magazines(cpu);
		return true;
	}
	spin_lock(&pool->lock);
	empty_previous(pool, cpu);
	loaded = load_from_depot(pool, cpu) || load_from_pages(pool, cpu);
	end_visit(pool, cpu, pool->depot.capacity);
	spin_unlock(&pool->lock);
	return loaded;
}

/*
 * Straight from the pages, where a CPU's magazines cannot be had; whether it got one.
 * What the depot has goes to the pages first if need be.
 */
static bool take_one(struct dma_pool *pool, struct dma_pool_block *block)
{
	struct magazine *full;
	bool got;

	spin_lock(&pool->lock);
	got = layer_take(&pool->pages, block, 1);
	full = got ? NULL : depot_pop_full(&pool->depot);
	if (full) {
		drain_magazine(pool, full);
		got = layer_take(&pool->pages, block, 1);
	}
	spin_unlock(&pool->lock);
	return got;
}

static bool take_slowly(struct dma_pool *pool, struct pool_cpu *cpu,
			struct dma_pool_block *block)
{
	if (!cpu->room && !equip(cpu, &pool->depot))
		return take_one(pool, block);
	if (!cpu->nr && !reload(pool, cpu))
		return false;
	pop_blocks(cpu, block, 1);
	return true;
}

/*
 * A new page's first block, and what this CPU's magazine can take of the rest, in one
 * hold of the lock: no other CPU can leave us without.  What is left of the larger
 * index to free.
 */
static struct page_table *take_of_new_page(struct dma_pool *pool, struct dma_page *page,
					   struct page_table *larger,
					   struct dma_pool_block *block)
{
	struct pool_cpu *cpu;
	unsigned long flags;

	local_lock_irqsave(&pool->base.cpu->lock, flags);
	cpu = this_cpu_ptr(pool->base.cpu);
	spin_lock(&pool->lock);
	larger = layer_add_page(&pool->pages, page, larger);
	layer_take(&pool->pages, block, 1);
	if (!cpu->nr && cpu->room)
		load_from_pages(pool, cpu);
	spin_unlock(&pool->lock);
	local_unlock_irqrestore(&pool->base.cpu->lock, flags);
	return larger;
}

/* There is no free block at hand: a page is waited for with nothing held. */
static bool take_after_growth(struct dma_pool *pool, gfp_t gfp,
			      struct dma_pool_block *block)
{
	struct dma_page *page = pool_page_alloc(&pool->base, sizeof(*page), gfp);
	struct page_table *larger;

	if (!page)
		return false;
	larger = page_index_prepare(&pool->pages.index);
	kfree(take_of_new_page(pool, page, larger, block));
	return true;
}

/* The loaded magazine is empty. */
static noinline void *alloc_slow(struct dma_pool *pool, gfp_t gfp, dma_addr_t *dma)
{
	struct dma_pool_block block = { };
	unsigned long flags;
	bool got;

	local_lock_irqsave(&pool->base.cpu->lock, flags);
	got = take_slowly(pool, this_cpu_ptr(pool->base.cpu), &block);
	local_unlock_irqrestore(&pool->base.cpu->lock, flags);
	if (!got && !take_after_growth(pool, gfp, &block))
		return NULL;
	*dma = block.dma;
	return block.vaddr;
}

static inline void *core_alloc(struct dma_pool *pool, gfp_t gfp, dma_addr_t *dma)
{
	struct dma_pool_block *block;
	struct pool_cpu *cpu;
	unsigned long flags;
	unsigned int nr;
	void *vaddr;

	local_lock_irqsave(&pool->base.cpu->lock, flags);
	cpu = this_cpu_ptr(pool->base.cpu);
	nr = cpu->nr;
	if (unlikely(!nr)) {
		local_unlock_irqrestore(&pool->base.cpu->lock, flags);
		return alloc_slow(pool, gfp, dma);
	}
	set_nr(cpu, nr - 1);
	block = &cpu->loaded->block[nr - 1];
	vaddr = block->vaddr;
	*dma = block->dma;
	local_unlock_irqrestore(&pool->base.cpu->lock, flags);
	return vaddr;
}

/*
 * Room in the previous magazine: full, it goes to the depot if that has room too;
 * otherwise, and where it holds what is on its way back, its blocks go to their pages.
 */
static void unload(struct dma_pool *pool, struct pool_cpu *cpu)
{
	struct magazine *empty = NULL;

	spin_lock(&pool->lock);
	if (cpu->nr_previous == cpu->room)
		empty = depot_put_full(&pool->depot, cpu->previous);
	if (empty) {
		cpu->previous = empty;
		set_nr_previous(cpu, 0);
	} else {
		empty_previous(pool, cpu);
	}
	end_visit(pool, cpu, pool->depot.capacity);
	spin_unlock(&pool->lock);
}

static void put_one(struct dma_pool *pool, const struct dma_pool_block *block)
{
	spin_lock(&pool->lock);
	layer_put_blocks(&pool->pages, block, 1);
	spin_unlock(&pool->lock);
}

/*
 * A block on its way back to its page: gathered in the previous magazine, as many as it
 * has room for, for several at once take the lock once and wait for their pages' lines
 * together.
 */
static void return_block(struct dma_pool *pool, struct pool_cpu *cpu,
			 const struct dma_pool_block *block)
{
	if (cpu->nr_previous >= min(RETURN_BATCH, cpu->room)) {
		spin_lock(&pool->lock);
		empty_previous(pool, cpu);
		end_visit(pool, cpu, 2 * RETURN_INTERVAL * RETURN_BATCH);
		spin_unlock(&pool->lock);
	}
	push_previous(cpu, block);
}

/* Once in an interval, which is as many blocks each way.  True if it took the block. */
static bool look(struct dma_pool *pool, struct pool_cpu *cpu,
		 const struct dma_pool_block *block)
{
	if (READ_ONCE(pool->sparse) && cpu->room) {
		cpu->until_look = RETURN_INTERVAL;
		return_block(pool, cpu, block);
		return true;
	}
	cpu->until_look = LOOK_INTERVAL;
	spin_lock(&pool->lock);
	end_visit(pool, cpu, 2 * LOOK_INTERVAL);
	spin_unlock(&pool->lock);
	return false;
}

static void free_slowly(struct dma_pool *pool, struct pool_cpu *cpu,
			const struct dma_pool_block *block)
{
	if (!cpu->until_look && look(pool, cpu, block))
		return;
	if (!cpu->room && !equip(cpu, &pool->depot)) {
		put_one(pool, block);
		return;
	}
	if (cpu->nr == cpu->room) {
		if (cpu->nr_previous)
			unload(pool, cpu);
		swap_magazines(cpu);
	}
	push_blocks(cpu, block, 1);
}

/* Takes over the local lock. */
static noinline void free_slow(struct dma_pool *pool, void *vaddr, dma_addr_t dma,
			       unsigned long flags)
{
	struct dma_pool_block block = { vaddr, dma };

	free_slowly(pool, this_cpu_ptr(pool->base.cpu), &block);
	local_unlock_irqrestore(&pool->base.cpu->lock, flags);
}

static inline void core_free(struct dma_pool *pool, void *vaddr, dma_addr_t dma)
{
	struct dma_pool_block *block;
	struct pool_cpu *cpu;
	unsigned long flags;
	unsigned int nr;

	local_lock_irqsave(&pool->base.cpu->lock, flags);
	cpu = this_cpu_ptr(pool->base.cpu);
	nr = cpu->nr;
	if (unlikely(nr >= cpu->room || !--cpu->until_look)) {
		free_slow(pool, vaddr, dma, flags);
		return;
	}
	block = &cpu->loaded->block[nr];
	block->vaddr = vaddr;
	block->dma = dma;
	set_nr(cpu, nr + 1);
	local_unlock_irqrestore(&pool->base.cpu->lock, flags);
}

/* What the loaded magazine has, in the order single allocations would have taken it. */
static size_t alloc_some(struct dma_pool *pool, size_t nr, struct dma_pool_block *blocks)
{
	struct pool_cpu *cpu;
	unsigned long flags;
	size_t n = 0;

	local_lock_irqsave(&pool->base.cpu->lock, flags);
	cpu = this_cpu_ptr(pool->base.cpu);
	if (cpu->nr || (cpu->room && reload(pool, cpu)))
		n = pop_blocks(cpu, blocks, nr);
	local_unlock_irqrestore(&pool->base.cpu->lock, flags);
	return n;
}

static size_t core_alloc_bulk(struct dma_pool *pool, gfp_t gfp, size_t nr,
			      struct dma_pool_block *blocks)
{
	size_t got = 0, n;

	while (got < nr) {
		n = alloc_some(pool, nr - got, blocks + got);
		if (unlikely(!n)) {
			blocks[got].vaddr = alloc_slow(pool, gfp, &blocks[got].dma);
			n = 1;
			if (!blocks[got].vaddr)
				break;
		}
		got += n;
	}
	return got;
}

/* As many as fit into the loaded magazine before the next look, or one the slow way. */
static size_t free_some(struct dma_pool *pool, size_t nr,
			const struct dma_pool_block *blocks)
{
	struct pool_cpu *cpu;
	unsigned long flags;
	size_t n;

	local_lock_irqsave(&pool->base.cpu->lock, flags);
	cpu = this_cpu_ptr(pool->base.cpu);
	n = min3(nr, (size_t)(cpu->room - cpu->nr), (size_t)(cpu->until_look - 1));
	cpu->until_look -= n ? n : 1;
	if (likely(n)) {
		push_blocks(cpu, blocks, n);
	} else {
		n = 1;
		free_slowly(pool, cpu, blocks);
	}
	local_unlock_irqrestore(&pool->base.cpu->lock, flags);
	return n;
}

static void core_free_bulk(struct dma_pool *pool, size_t nr,
			   const struct dma_pool_block *blocks)
{
	size_t n;

	for (; nr; nr -= n, blocks += n)
		n = free_some(pool, nr, blocks);
}

/*
 * Blocks in magazines.  Lock held: with it they move between magazines, depot and pages,
 * so none is counted twice or missed.  What other CPUs take and free meanwhile may be
 * counted or not.
 */
static size_t nr_cached(struct dma_pool *pool)
{
	size_t nr = (size_t)pool->depot.full.nr * pool->depot.capacity;
	int cpu;

	for_each_possible_cpu(cpu)
		nr += cpu_nr_blocks(per_cpu_ptr(pool->base.cpu, cpu));
	return nr;
}

static void core_usage(struct dma_pool *pool, struct pool_usage *usage)
{
	unsigned long flags;
	size_t free;

	spin_lock_irqsave(&pool->lock, flags);
	free = pool->pages.nr_free + nr_cached(pool);
	pool_usage_of_pages(&pool->base, 0, usage);
	spin_unlock_irqrestore(&pool->lock, flags);
	/* A block that one CPU frees and another takes may be counted with both. */
	usage->active = usage->blocks > free ? usage->blocks - free : 0;
}

static size_t core_bytes_stranded(struct dma_pool *pool)
{
	unsigned long flags;
	size_t nr;

	spin_lock_irqsave(&pool->lock, flags);
	nr = nr_cached(pool);
	spin_unlock_irqrestore(&pool->lock, flags);
	return nr * pool->base.size;
}

static struct pool_page *core_find_page(struct dma_pool *pool, dma_addr_t dma)
{
	struct dma_page *page = layer_find(&pool->pages, dma);

	return page ? &page->indexed.base : NULL;
}

/* Both magazines' blocks to their pages: on the CPU itself, or when it is no more. */
static void drain_cpu(struct dma_pool *pool, struct pool_cpu *cpu)
{
	unsigned long flags;

	spin_lock_irqsave(&pool->lock, flags);
	if (cpu->room) {
		layer_put_blocks(&pool->pages, cpu->loaded->block, cpu->nr);
		set_nr(cpu, 0);
		empty_previous(pool, cpu);
	}
	spin_unlock_irqrestore(&pool->lock, flags);
}

static void drain_work(struct work_struct *work)
{
	struct dma_pool *pool = container_of(work, struct pool_cpu, drain)->pool;
	unsigned long flags;

	local_lock_irqsave(&pool->base.cpu->lock, flags);
	drain_cpu(pool, this_cpu_ptr(pool->base.cpu));
	local_unlock_irqrestore(&pool->base.cpu->lock, flags);
}

static void reclaim_cpu(struct reclaim *reclaim, unsigned int cpu)
{
	struct dma_pool *pool = container_of(reclaim, struct dma_pool, reclaim);

	drain_cpu(pool, per_cpu_ptr(pool->base.cpu, cpu));
}

/* The magazines of every CPU: by a work on those online, in person for the others. */
static void drain_all_cpus(struct dma_pool *pool)
{
	struct pool_cpu *c;
	int cpu;

	cpus_read_lock();
	for_each_possible_cpu(cpu) {
		c = per_cpu_ptr(pool->base.cpu, cpu);
		if (!cpu_nr_blocks(c))
			continue;
		if (cpu_online(cpu))
			queue_work_on(cpu, reclaim_wq, &c->drain);
		else
			drain_cpu(pool, c);
	}
	for_each_possible_cpu(cpu)
		flush_work(&per_cpu_ptr(pool->base.cpu, cpu)->drain);
	cpus_read_unlock();
}

/* The blocks of one full magazine to their pages; false if the depot has none. */
static bool drain_depot(struct dma_pool *pool)
{
	struct magazine *full;
	unsigned long flags;

	spin_lock_irqsave(&pool->lock, flags);
	full = depot_pop_full(&pool->depot);
	if (full)
		drain_magazine(pool, full);
	spin_unlock_irqrestore(&pool->lock, flags);
	return full;
}

/* Up to nr empty pages, a few at a time, for interrupts are masked meanwhile. */
static size_t shrink_pages(struct dma_pool *pool, size_t nr)
{
	size_t done = 0, want, got;
	unsigned long flags;

	do {
		want = min_t(size_t, nr - done, SHRINK_BATCH);
		spin_lock_irqsave(&pool->lock, flags);
		got = layer_shrink(&pool->pages, want);
		spin_unlock_irqrestore(&pool->lock, flags);
		done += got;
		cond_resched();
	} while (got == SHRINK_BATCH);
	return done;
}

static void free_empty_magazines(struct dma_pool *pool)
{
	struct magazine_list empty;
	unsigned long flags;

	spin_lock_irqsave(&pool->lock, flags);
	empty = depot_take_empty(&pool->depot);
	spin_unlock_irqrestore(&pool->lock, flags);
	magazines_free(&empty);
}

/* Bounded by what is there at first: other CPUs may go on bringing more. */
static size_t core_trim(struct dma_pool *pool)
{
	unsigned int nr = pool->depot.max;
	size_t given;

	mutex_lock(&pool->trim_lock);
	drain_all_cpus(pool);
	while (nr-- && drain_depot(pool))
		;
	given = shrink_pages(pool, READ_ONCE(pool->base.nr_pages));
	free_empty_magazines(pool);
	layer_wait(&pool->pages);
	mutex_unlock(&pool->trim_lock);
	return given * pool->base.allocation;
}

static unsigned long reclaim_count(struct reclaim *reclaim)
{
	struct dma_pool *pool = container_of(reclaim, struct dma_pool, reclaim);
	size_t blocks = (size_t)READ_ONCE(pool->depot.full.nr) * pool->depot.capacity;

	return layer_spare(&pool->pages) + blocks / pool->base.blocks_per_page;
}

/* Not the reserve: it may be what writes memory out that asks for blocks now. */
static unsigned long reclaim_scan(struct reclaim *reclaim, unsigned long pages)
{
	struct dma_pool *pool = container_of(reclaim, struct dma_pool, reclaim);
	unsigned int nr = pool->depot.max;

	while (layer_spare(&pool->pages) < pages && nr-- && drain_depot(pool))
		;
	return shrink_pages(pool, min(pages, layer_spare(&pool->pages)));
}

static void init_cpu(struct dma_pool *pool, struct pool_cpu *cpu)
{
	local_lock_init(&cpu->lock);
	cpu->until_look = LOOK_INTERVAL;
	INIT_WORK(&cpu->drain, drain_work);
	cpu->pool = pool;
}

static int core_init(struct dma_pool *pool)
{
	int cpu, err;

	spin_lock_init(&pool->lock);
	mutex_init(&pool->trim_lock);
	depot_init(&pool->depot, pool->base.size);
	err = reclaim_get();
	if (err)
		return err;
	err = -ENOMEM;
	pool->base.cpu = alloc_percpu(struct pool_cpu);
	if (!pool->base.cpu)
		goto put_reclaim;
	for_each_possible_cpu(cpu)
		init_cpu(pool, per_cpu_ptr(pool->base.cpu, cpu));
	err = layer_init(&pool->pages, &pool->base, &pool->lock, reclaim_wq);
	if (err)
		goto free_cpus;
	reclaim_add(&pool->reclaim);
	return 0;

free_cpus:
	free_percpu(pool->base.cpu);
put_reclaim:
	reclaim_put();
	return err;
}

/* Neither the shrinker nor a CPU that goes offline knows the pool any more. */
static void core_quiesce(struct dma_pool *pool)
{
	reclaim_del(&pool->reclaim);
}

static void core_exit(struct dma_pool *pool)
{
	int cpu;

	for_each_possible_cpu(cpu)
		strip(per_cpu_ptr(pool->base.cpu, cpu));
	free_percpu(pool->base.cpu);
	depot_exit(&pool->depot);
	layer_exit(&pool->pages);
	reclaim_put();
}

#include "frontend.h"
