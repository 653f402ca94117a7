// SPDX-License-Identifier: GPL-2.0-only
/* Hold N blocks, then free them lifo, fifo or in a random order fixed for the run. */
#include "hold.h"

u64 wl_hold_quantum(const struct wl_run *run)
{
	return run->row->hold;
}

static void fill_order(struct wl_hold *hold, enum wl_order order, u64 *rng)
{
	unsigned int i;

	if (order == WL_RANDOM) {
		wl_permute(hold->order, hold->nr, rng);
		return;
	}
	for (i = 0; i < hold->nr; i++)
		hold->order[i] = order == WL_LIFO ? hold->nr - 1 - i : i;
}

/* At least a cache line, and so aligned to one: no CPU writes what another reads. */
static void *alloc_array(unsigned int nr, size_t size)
{
	return kvcalloc(1, max_t(size_t, nr * size, SMP_CACHE_BYTES), GFP_KERNEL);
}

int wl_hold_setup(struct wl_run *run)
{
	unsigned int i;
	int err = wl_alloc_data(run, sizeof(struct wl_hold));

	for (i = 0; !err && i < run->threads; i++) {
		struct wl_hold *hold = run->cpus[i].data;

		hold->nr = run->row->hold;
		hold->block = alloc_array(hold->nr, sizeof(*hold->block));
		hold->order = alloc_array(hold->nr, sizeof(*hold->order));
		if (!hold->block || !hold->order)
			return -ENOMEM;
		fill_order(hold, run->row->order, &run->cpus[i].rng);
	}
	return err;
}

void wl_hold_teardown(struct wl_run *run)
{
	unsigned int i;

	for (i = 0; i < run->threads; i++) {
		struct wl_hold *hold = run->cpus[i].data;

		if (!hold)
			continue;
		kvfree(hold->block);
		kvfree(hold->order);
	}
	wl_free_data(run);
}

/*
 * What the loops need is in registers: a pool's own cost is little more than two calls,
 * so every load beside it shows.  How many were taken.
 */
static unsigned int take_all(struct dma_pool *pool, struct dma_pool_block *block,
			     unsigned int nr)
{
	struct dma_pool_block *end = block + nr;

	for (; block < end; block++) {
		block->vaddr = dma_pool_alloc(pool, GFP_ATOMIC, &block->dma);
		if (unlikely(!block->vaddr))
			break;
	}
	return nr - (end - block);
}

/* In the order of these indices. */
static void put_all(struct dma_pool *pool, const struct dma_pool_block *block,
		    const unsigned int *order, unsigned int nr)
{
	const unsigned int *end = order + nr;

	for (; order < end; order++)
		dma_pool_free(pool, block[*order].vaddr, block[*order].dma);
}

static void put_first(struct dma_pool *pool, const struct dma_pool_block *block,
		      unsigned int nr)
{
	while (nr--)
		dma_pool_free(pool, block[nr].vaddr, block[nr].dma);
}

void wl_hold_work(struct wl_cpu *cpu, u64 ops)
{
	struct wl_hold *hold = cpu->data;
	unsigned int got;

	for (; ops >= hold->nr; ops -= hold->nr) {
		got = take_all(cpu->pool, hold->block, hold->nr);
		if (unlikely(got < hold->nr)) {
			cpu->error = -ENOMEM;
			put_first(cpu->pool, hold->block, got);
			return;
		}
		put_all(cpu->pool, hold->block, hold->order, hold->nr);
	}
}
