// SPDX-License-Identifier: GPL-2.0-only
/*
 * One CPU allocates, another frees: request and completion.  CPUs pair up around a
 * ring; items go in bursts of 32, each CPU touching the other's index once a burst.
 */
#include "workload.h"

#define BURST	32
#define RING	1024		/* a power of two, whole bursts */

static const struct wl_row rows[] = {
	{ .size = 64, .many = true },
	{ .size = 256, .many = true, .full = true },
};

struct ring {
	u64 head ____cacheline_aligned;		/* written by the allocating CPU */
	u64 tail ____cacheline_aligned;		/* written by the freeing one */
	struct dma_pool_block item[RING] ____cacheline_aligned;
};

static u64 quantum(const struct wl_run *run)
{
	return RING;
}

static struct ring *ring_of(struct wl_cpu *cpu)
{
	return cpu->run->cpus[cpu->index & ~1u].data;
}

static int setup(struct wl_run *run)
{
	int err = wl_create_pools(run, true, run->row->size, 0, 0);

	return err ? err : wl_alloc_data(run, sizeof(struct ring));
}

static void drain(struct wl_run *run)
{
	unsigned int i;

	for (i = 0; i < run->threads; i += 2) {
		struct ring *ring = run->cpus[i].data;

		for (; ring && ring->tail != ring->head; ring->tail++) {
			struct dma_pool_block *item = &ring->item[ring->tail % RING];

			dma_pool_free(run->cpus[i].pool, item->vaddr, item->dma);
		}
	}
}

static void teardown(struct wl_run *run)
{
	drain(run);
	wl_free_data(run);
	wl_destroy_pools(run);
}

/* Spins until *index has moved on from was; false when the run is over. */
static bool wait_for(struct wl_cpu *cpu, u64 *index, u64 was)
{
	/* Acquire pairs with the other side's release in publish(). */
	while (smp_load_acquire(index) == was) {
		if (READ_ONCE(cpu->run->stop))
			return false;
		wl_env_relax(cpu);
	}
	return true;
}

/* What was written to the ring, or read from it, is so before the index says so. */
static void publish(u64 *index, u64 value)
{
	/* Pairs with the acquire in wait_for(). */
	smp_store_release(index, value);
}

/* A whole burst or nothing: the other side counts on it. */
static bool fill_burst(struct dma_pool *pool, struct dma_pool_block *item)
{
	unsigned int i;

	for (i = 0; i < BURST; i++) {
		item[i].vaddr = dma_pool_alloc(pool, GFP_ATOMIC, &item[i].dma);
		if (unlikely(!item[i].vaddr))
			goto undo;
	}
	return true;

undo:
	while (i--)
		dma_pool_free(pool, item[i].vaddr, item[i].dma);
	return false;
}

static void give(struct wl_cpu *cpu, struct ring *ring, u64 ops)
{
	for (; ops; ops -= BURST) {
		u64 head = ring->head;

		if (!wait_for(cpu, &ring->tail, head - RING))
			return;
		if (unlikely(!fill_burst(cpu->pool, &ring->item[head % RING]))) {
			cpu->error = -ENOMEM;
			return;
		}
		publish(&ring->head, head + BURST);
	}
}

static void take(struct wl_cpu *cpu, struct ring *ring, u64 ops)
{
	unsigned int i;

	for (; ops; ops -= BURST) {
		u64 tail = ring->tail;

		if (!wait_for(cpu, &ring->head, tail))
			return;
		for (i = 0; i < BURST; i++) {
			struct dma_pool_block *item = &ring->item[(tail + i) % RING];

			dma_pool_free(cpu->pool, item->vaddr, item->dma);
		}
		publish(&ring->tail, tail + BURST);
	}
}

static void work(struct wl_cpu *cpu, u64 ops)
{
	if (cpu->index & 1)
		take(cpu, ring_of(cpu), ops);
	else
		give(cpu, ring_of(cpu), ops);
}

const struct workload wl_handoff = {
	.family = "handoff",
	.rows = rows,
	.nr_rows = ARRAY_SIZE(rows),
	.cpus_per_op = 2,
	.quantum = quantum,
	.setup = setup,
	.teardown = teardown,
	.work = work,
};
