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

#include <linux/cache.h>
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/local_lock.h>
#include <linux/percpu.h>

#include "core.h"
#include "page_layer.h"

/* What a magazine may hold: so many bytes of blocks, within these numbers of blocks. */
#define MAGAZINE_BYTES	16384
#define MAGAZINE_MIN	8u
#define MAGAZINE_MAX	127u

/* Full magazines in the depot at most: 256 KiB of blocks up to 2 KiB each. */
#define DEPOT_MAX	32

/*
 * One free in so many looks at how the pool fares.  Where its pages are sparse it comes
 * more often, and takes its block back to the page at once: without that a pool whose
 * blocks are exchanged one for one never sees its pages, and sparse ones never empty;
 * with it every block comes by sooner or later, and allocations move to the fullest
 * pages.
 */
#define EPOCH_MIN	16384
#define LOOK_INTERVAL	256
#define RETURN_INTERVAL	16

struct magazine {
	struct magazine *next;			/* in the depot */
	struct dma_pool_block block[];
};

/* Touched by its own CPU alone, but for the counts, which statistics read. */
struct pool_cpu {
	local_lock_t lock;
	unsigned int nr;			/* blocks in loaded */
	unsigned int room;			/* a magazine's capacity, at first 0 */
	unsigned int until_look;		/* frees */
	unsigned int nr_previous;
	struct magazine *loaded, *previous;
	struct work_struct drain;		/* for trim, on this CPU */
	struct dma_pool *pool;
} ____cacheline_aligned;

struct dma_pool {
	struct pool_base base;
	struct pool_cpu __percpu *cpu;
	unsigned int capacity;			/* of a magazine */

	spinlock_t lock ____cacheline_aligned;	/* of all below; inside a CPU's lock */
	struct magazine *full, *empty;
	unsigned int nr_full, nr_empty;
	unsigned int least_full;		/* of this epoch */
	unsigned int surplus;			/* full ones still to go, of the last */
	size_t moved;				/* blocks, in this epoch */
	unsigned int interval;			/* of looks; read without the lock */
	struct page_layer pages;
	struct hlist_node hotplug;
	struct mutex trim_lock;			/* of the CPUs' drain works */
};

static struct magazine *new_magazine(struct dma_pool *pool)
{
	return kmalloc_node(sizeof(struct magazine) +
			    pool->capacity * sizeof(struct dma_pool_block),
			    GFP_NOWAIT | __GFP_NOWARN, NUMA_NO_NODE);
}

/* A CPU gets its two at its first use of the pool.  Local lock held. */
static noinline bool equip(struct dma_pool *pool, struct pool_cpu *cpu)
{
	if (!cpu->loaded)
		cpu->loaded = new_magazine(pool);
	if (!cpu->previous)
		cpu->previous = new_magazine(pool);
	if (!cpu->loaded || !cpu->previous)
		return false;
	cpu->room = pool->capacity;
	return true;
}

static inline void set_nr(struct pool_cpu *cpu, unsigned int nr)
{
	WRITE_ONCE(cpu->nr, nr);
}

static void swap_magazines(struct pool_cpu *cpu)
{
	unsigned int nr = cpu->nr;

	swap(cpu->loaded, cpu->previous);
	set_nr(cpu, cpu->nr_previous);
	WRITE_ONCE(cpu->nr_previous, nr);
}

static noinline void report_free(struct dma_pool *pool,
				 const struct dma_pool_block *block, const char *what)
{
	dev_err(pool->base.dev, "dma_pool_free %s, %p/%pad (%s)\n", pool->base.name,
		block->vaddr, &block->dma, what);
}

/* Blocks back to their pages; neighbours in the array often share one.  Lock held. */
static void put_blocks(struct dma_pool *pool, const struct dma_pool_block *block,
		       unsigned int nr)
{
	struct dma_page *page = NULL;
	int run = 0;

	for (; nr--; block++) {
		if (!page || block->dma - page->indexed.base.dma >= pool->base.allocation) {
			if (run)
				layer_count(&pool->pages, page, run);
			run = 0;
			page = layer_find(&pool->pages, block->dma);
		}
		if (unlikely(!page))
			report_free(pool, block, "bad dma");
		else if (unlikely(!layer_put(page, block->dma)))
			report_free(pool, block, "already free");
		else
			run++;
	}
	if (run)
		layer_count(&pool->pages, page, run);
}

static struct magazine *pop_magazine(struct magazine **list, unsigned int *nr)
{
	struct magazine *magazine = *list;

	if (magazine) {
		*list = magazine->next;
		WRITE_ONCE(*nr, *nr - 1);
	}
	return magazine;
}

static void push_magazine(struct magazine **list, unsigned int *nr,
			  struct magazine *magazine)
{
	magazine->next = *list;
	*list = magazine;
	WRITE_ONCE(*nr, *nr + 1);
}

/* Full magazines nobody asked for: their blocks to the pages.  Lock held. */
static void drain_depot(struct dma_pool *pool, unsigned int nr)
{
	while (nr--) {
		struct magazine *magazine = pop_magazine(&pool->full, &pool->nr_full);

		put_blocks(pool, magazine->block, pool->capacity);
		push_magazine(&pool->empty, &pool->nr_empty, magazine);
	}
	while (pool->nr_empty > DEPOT_MAX)
		kfree(pop_magazine(&pool->empty, &pool->nr_empty));
}

static void end_epoch(struct dma_pool *pool)
{
	bool sparse = layer_end_epoch(&pool->pages);

	WRITE_ONCE(pool->interval, sparse ? RETURN_INTERVAL : LOOK_INTERVAL);
	pool->surplus = pool->least_full;
	pool->least_full = pool->nr_full;
	pool->moved = 0;
}

/*
 * Lock held; each visit ends with this, having moved so many blocks one way.  When all
 * blocks could have been out and back since the epoch began, it ends, and what was not
 * needed in it is given back, a little at each visit.
 */
static void end_visit(struct dma_pool *pool, unsigned int moved)
{
	pool->moved += moved;
	if (pool->moved >= 3 * layer_blocks(&pool->pages) + EPOCH_MIN)
		end_epoch(pool);
	if (pool->surplus && pool->nr_full) {
		pool->surplus--;
		drain_depot(pool, 1);
	}
	layer_shrink_some(&pool->pages);
}

/* A full magazine of the depot's for loaded, which is empty.  Lock held. */
static bool load_from_depot(struct dma_pool *pool, struct pool_cpu *cpu)
{
	struct magazine *full = pop_magazine(&pool->full, &pool->nr_full);

	if (!full)
		return false;
	pool->least_full = min(pool->least_full, pool->nr_full);
	push_magazine(&pool->empty, &pool->nr_empty, cpu->loaded);
	cpu->loaded = full;
	set_nr(cpu, pool->capacity);
	return true;
}

static bool load_from_pages(struct dma_pool *pool, struct pool_cpu *cpu)
{
	set_nr(cpu, layer_take(&pool->pages, cpu->loaded->block, pool->capacity));
	return cpu->nr;
}

/* Something into the loaded magazine, which is empty, without sleeping. */
static bool reload(struct dma_pool *pool, struct pool_cpu *cpu)
{
	bool loaded;

	if (cpu->nr_previous) {
		swap_magazines(cpu);
		return true;
	}
	spin_lock(&pool->lock);
	loaded = load_from_depot(pool, cpu) || load_from_pages(pool, cpu);
	end_visit(pool, pool->capacity);
	spin_unlock(&pool->lock);
	return loaded;
}

static inline void pop_block(struct pool_cpu *cpu, struct dma_pool_block *block)
{
	unsigned int nr = cpu->nr - 1;

	*block = cpu->loaded->block[nr];
	set_nr(cpu, nr);
}

/* Straight from the pages, where a CPU's magazines cannot be had.  Local lock held. */
static bool take_one(struct dma_pool *pool, struct dma_pool_block *block)
{
	bool got;

	spin_lock(&pool->lock);
	got = layer_take(&pool->pages, block, 1);
	spin_unlock(&pool->lock);
	return got;
}

static bool take_slowly(struct dma_pool *pool, struct pool_cpu *cpu,
			struct dma_pool_block *block)
{
	if (!cpu->room && !equip(pool, cpu))
		return take_one(pool, block);
	if (!cpu->nr && !reload(pool, cpu))
		return false;
	pop_block(cpu, block);
	return true;
}

/*
 * A new page's first block, and what this CPU's magazine can take of the rest, in one
 * hold of the lock: no other CPU can leave us without.
 */
static void take_of_new_page(struct dma_pool *pool, struct dma_page *page,
			     struct dma_pool_block *block)
{
	struct pool_cpu *cpu;
	unsigned long flags;

	local_lock_irqsave(&pool->cpu->lock, flags);
	cpu = this_cpu_ptr(pool->cpu);
	spin_lock(&pool->lock);
	layer_add_page(&pool->pages, page);
	layer_take(&pool->pages, block, 1);
	if (!cpu->nr && cpu->room)
		load_from_pages(pool, cpu);
	spin_unlock(&pool->lock);
	local_unlock_irqrestore(&pool->cpu->lock, flags);
}

/* The loaded magazine is empty.  A new page is waited for with nothing held. */
static noinline void *alloc_slow(struct dma_pool *pool, gfp_t gfp, dma_addr_t *dma)
{
	struct dma_pool_block block;
	struct dma_page *page;
	unsigned long flags;
	bool got;

	local_lock_irqsave(&pool->cpu->lock, flags);
	got = take_slowly(pool, this_cpu_ptr(pool->cpu), &block);
	local_unlock_irqrestore(&pool->cpu->lock, flags);
	if (!got) {
		page = pool_page_alloc(&pool->base, sizeof(*page), gfp);
		if (!page)
			return NULL;
		take_of_new_page(pool, page, &block);
	}
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

	local_lock_irqsave(&pool->cpu->lock, flags);
	cpu = this_cpu_ptr(pool->cpu);
	nr = cpu->nr;
	if (unlikely(!nr)) {
		local_unlock_irqrestore(&pool->cpu->lock, flags);
		return alloc_slow(pool, gfp, dma);
	}
	set_nr(cpu, nr - 1);
	block = &cpu->loaded->block[nr - 1];
	vaddr = block->vaddr;
	*dma = block->dma;
	local_unlock_irqrestore(&pool->cpu->lock, flags);
	return vaddr;
}

/* The full previous magazine goes to the depot, or its blocks to the pages. */
static void unload(struct dma_pool *pool, struct pool_cpu *cpu)
{
	struct magazine *empty = NULL;

	spin_lock(&pool->lock);
	if (pool->nr_full < DEPOT_MAX) {
		empty = pop_magazine(&pool->empty, &pool->nr_empty);
		if (!empty)
			empty = new_magazine(pool);
	}
	if (empty) {
		push_magazine(&pool->full, &pool->nr_full, cpu->previous);
		cpu->previous = empty;
	} else {
		put_blocks(pool, cpu->previous->block, cpu->nr_previous);
	}
	WRITE_ONCE(cpu->nr_previous, 0);
	end_visit(pool, pool->capacity);
	spin_unlock(&pool->lock);
}

static void put_one(struct dma_pool *pool, const struct dma_pool_block *block)
{
	spin_lock(&pool->lock);
	put_blocks(pool, block, 1);
	spin_unlock(&pool->lock);
}

/*
 * Once in an interval, which is as many blocks each way.  True if the block at hand is
 * to go to its page.
 */
static bool look(struct dma_pool *pool, struct pool_cpu *cpu)
{
	unsigned int interval = READ_ONCE(pool->interval);

	cpu->until_look = interval;
	spin_lock(&pool->lock);
	end_visit(pool, 2 * interval);
	spin_unlock(&pool->lock);
	return interval == RETURN_INTERVAL;
}

static inline void keep_blocks(struct pool_cpu *cpu, const struct dma_pool_block *blocks,
			       unsigned int nr)
{
	memcpy(&cpu->loaded->block[cpu->nr], blocks, nr * sizeof(*blocks));
	set_nr(cpu, cpu->nr + nr);
}

static void free_slowly(struct dma_pool *pool, struct pool_cpu *cpu,
			const struct dma_pool_block *block)
{
	bool to_page = !cpu->until_look && look(pool, cpu);

	if (to_page || (!cpu->room && !equip(pool, cpu))) {
		put_one(pool, block);
		return;
	}
	if (cpu->nr == cpu->room) {
		if (cpu->nr_previous)
			unload(pool, cpu);
		swap_magazines(cpu);
	}
	keep_blocks(cpu, block, 1);
}

/* Takes over the local lock. */
static noinline void free_slow(struct dma_pool *pool, void *vaddr, dma_addr_t dma,
			       unsigned long flags)
{
	struct dma_pool_block block = { vaddr, dma };

	free_slowly(pool, this_cpu_ptr(pool->cpu), &block);
	local_unlock_irqrestore(&pool->cpu->lock, flags);
}

static inline void core_free(struct dma_pool *pool, void *vaddr, dma_addr_t dma)
{
	struct dma_pool_block *block;
	struct pool_cpu *cpu;
	unsigned long flags;
	unsigned int nr;

	local_lock_irqsave(&pool->cpu->lock, flags);
	cpu = this_cpu_ptr(pool->cpu);
	nr = cpu->nr;
	if (unlikely(nr >= cpu->room || !--cpu->until_look)) {
		free_slow(pool, vaddr, dma, flags);
		return;
	}
	block = &cpu->loaded->block[nr];
	block->vaddr = vaddr;
	block->dma = dma;
	set_nr(cpu, nr + 1);
	local_unlock_irqrestore(&pool->cpu->lock, flags);
}

/* What the loaded magazine has, in the order single allocations would have taken it. */
static size_t alloc_some(struct dma_pool *pool, size_t nr, struct dma_pool_block *blocks)
{
	struct pool_cpu *cpu;
	unsigned long flags;
	size_t n = 0, i;

	local_lock_irqsave(&pool->cpu->lock, flags);
	cpu = this_cpu_ptr(pool->cpu);
	if (cpu->nr || (cpu->room && reload(pool, cpu))) {
		n = min_t(size_t, nr, cpu->nr);
		for (i = 0; i < n; i++)
			blocks[i] = cpu->loaded->block[cpu->nr - 1 - i];
		set_nr(cpu, cpu->nr - n);
	}
	local_unlock_irqrestore(&pool->cpu->lock, flags);
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

/* As many as fit into the loaded magazine, or one the slow way. */
static size_t free_some(struct dma_pool *pool, size_t nr,
			const struct dma_pool_block *blocks)
{
	struct pool_cpu *cpu;
	unsigned long flags;
	size_t n;

	local_lock_irqsave(&pool->cpu->lock, flags);
	cpu = this_cpu_ptr(pool->cpu);
	n = min_t(size_t, nr, cpu->room - cpu->nr);
	if (likely(n && cpu->until_look > n)) {
		cpu->until_look -= n;
		keep_blocks(cpu, blocks, n);
	} else {
		n = 1;
		cpu->until_look = cpu->until_look > nr ? cpu->until_look - 1 : 0;
		free_slowly(pool, cpu, blocks);
	}
	local_unlock_irqrestore(&pool->cpu->lock, flags);
	return n;
}

static void core_free_bulk(struct dma_pool *pool, size_t nr,
			   const struct dma_pool_block *blocks)
{
	size_t n;

	for (; nr; nr -= n, blocks += n)
		n = free_some(pool, nr, blocks);
}

/* Blocks in magazines; a moment old where other CPUs are at work. */
static size_t nr_cached(struct dma_pool *pool)
{
	size_t nr = (size_t)READ_ONCE(pool->nr_full) * pool->capacity;
	int cpu;

	for_each_possible_cpu(cpu) {
		struct pool_cpu *c = per_cpu_ptr(pool->cpu, cpu);

		nr += READ_ONCE(c->nr) + READ_ONCE(c->nr_previous);
	}
	return nr;
}

static void core_usage(struct dma_pool *pool, struct pool_usage *usage)
{
	size_t free = READ_ONCE(pool->pages.nr_free) + nr_cached(pool);

	pool_usage_of_pages(&pool->base, 0, usage);
	usage->active = usage->blocks > free ? usage->blocks - free : 0;
}

static size_t core_bytes_stranded(struct dma_pool *pool)
{
	return nr_cached(pool) * pool->base.size;
}

static struct pool_page *core_find_page(struct dma_pool *pool, dma_addr_t dma)
{
	struct dma_page *page;

	rcu_read_lock();
	page = layer_find(&pool->pages, dma);
	rcu_read_unlock();
	return page ? &page->indexed.base : NULL;
}

/* Both magazines' blocks to their pages: on the CPU itself, or when it is no more. */
static void drain_cpu(struct dma_pool *pool, struct pool_cpu *cpu)
{
	unsigned long flags;

	spin_lock_irqsave(&pool->lock, flags);
	if (cpu->room) {
		put_blocks(pool, cpu->loaded->block, cpu->nr);
		put_blocks(pool, cpu->previous->block, cpu->nr_previous);
		set_nr(cpu, 0);
		WRITE_ONCE(cpu->nr_previous, 0);
	}
	spin_unlock_irqrestore(&pool->lock, flags);
}

static void drain_this_cpu(struct dma_pool *pool)
{
	unsigned long flags;

	local_lock_irqsave(&pool->cpu->lock, flags);
	drain_cpu(pool, this_cpu_ptr(pool->cpu));
	local_unlock_irqrestore(&pool->cpu->lock, flags);
}

static void drain_work(struct work_struct *work)
{
	drain_this_cpu(container_of(work, struct pool_cpu, drain)->pool);
}

/* Runs on the CPU that goes offline. */
static int cpu_goes(unsigned int cpu, struct hlist_node *node)
{
	drain_this_cpu(container_of(node, struct dma_pool, hotplug));
	return 0;
}

/* The magazines of every CPU: by a work on those online, in person for the others. */
static void drain_all_cpus(struct dma_pool *pool)
{
	struct pool_cpu *c;
	int cpu;

	cpus_read_lock();
	for_each_possible_cpu(cpu) {
		c = per_cpu_ptr(pool->cpu, cpu);
		if (!READ_ONCE(c->nr) && !READ_ONCE(c->nr_previous))
			continue;
		if (cpu_online(cpu))
			queue_work_on(cpu, system_wq, &c->drain);
		else
			drain_cpu(pool, c);
	}
	for_each_possible_cpu(cpu)
		flush_work(&per_cpu_ptr(pool->cpu, cpu)->drain);
	cpus_read_unlock();
}

static size_t core_trim(struct dma_pool *pool)
{
	size_t before = READ_ONCE(pool->base.nr_pages), after;
	unsigned long flags;

	mutex_lock(&pool->trim_lock);
	drain_all_cpus(pool);
	spin_lock_irqsave(&pool->lock, flags);
	drain_depot(pool, pool->nr_full);
	layer_shrink(&pool->pages, pool->pages.nr_empty);
	spin_unlock_irqrestore(&pool->lock, flags);
	layer_wait(&pool->pages);
	mutex_unlock(&pool->trim_lock);

	after = READ_ONCE(pool->base.nr_pages);
	return before > after ? (before - after) * pool->base.allocation : 0;
}

/* One hotplug state for all pools, from the first one on. */
static DEFINE_MUTEX(hotplug_lock);
static int hotplug_state;

static int follow_hotplug(struct dma_pool *pool)
{
	int err = 0;

	mutex_lock(&hotplug_lock);
	if (!hotplug_state)
		err = cpuhp_setup_state_multi(CPUHP_AP_ONLINE_DYN, "dmapool:online",
					      NULL, cpu_goes);
	if (err > 0)
		hotplug_state = err;
	mutex_unlock(&hotplug_lock);
	if (err < 0)
		return err;
	return cpuhp_state_add_instance_nocalls(hotplug_state, &pool->hotplug);
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

	pool->capacity = clamp_t(unsigned int, MAGAZINE_BYTES / pool->base.size,
				 MAGAZINE_MIN, MAGAZINE_MAX);
	spin_lock_init(&pool->lock);
	mutex_init(&pool->trim_lock);
	pool->interval = LOOK_INTERVAL;
	pool->cpu = alloc_percpu(struct pool_cpu);
	if (!pool->cpu)
		return -ENOMEM;
	for_each_possible_cpu(cpu)
		init_cpu(pool, per_cpu_ptr(pool->cpu, cpu));
	err = layer_init(&pool->pages, &pool->base, &pool->lock);
	if (err)
		goto free_cpus;
	err = follow_hotplug(pool);
	if (err)
		goto exit_layer;
	return 0;

exit_layer:
	layer_exit(&pool->pages);
free_cpus:
	free_percpu(pool->cpu);
	return err;
}

static void free_magazines(struct magazine *magazine)
{
	struct magazine *next;

	for (; magazine; magazine = next) {
		next = magazine->next;
		kfree(magazine);
	}
}

static void core_exit(struct dma_pool *pool)
{
	int cpu;

	cpuhp_state_remove_instance_nocalls(hotplug_state, &pool->hotplug);
	for_each_possible_cpu(cpu) {
		kfree(per_cpu_ptr(pool->cpu, cpu)->loaded);
		kfree(per_cpu_ptr(pool->cpu, cpu)->previous);
	}
	free_percpu(pool->cpu);
	free_magazines(pool->full);
	free_magazines(pool->empty);
	layer_exit(&pool->pages);
}

#include "frontend.h"
