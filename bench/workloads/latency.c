// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every single operation timed.  Steady state: each CPU holds some blocks of a shared
 * pool and replaces a random one.  Growth: one CPU fills a fresh pool, so that the
 * pages it has to wait for do not hide in the steady state's tail, nor the reverse.
 * The clock costs more than most operations: its own cost is reported beside.
 */
#include <linux/string.h>

#include "workload.h"

#define HOLD		256
#define GROWTH_BLOCKS	16384

static const struct wl_row rows[] = {
	{ .size = 64, .op = WL_ALLOC, .many = true },
	{ .size = 64, .op = WL_FREE, .many = true },
	{ .size = 1024, .op = WL_ALLOC, .many = true, .full = true },
	{ .size = 1024, .op = WL_FREE, .many = true, .full = true },
};

struct state {
	struct wl_hist steady, aside, growth;
	struct dma_pool_block block[HOLD];
};

static u64 quantum(const struct wl_run *run)
{
	return 1024;
}

static bool timed_alloc(struct wl_cpu *cpu, struct dma_pool_block *block,
			struct wl_hist *hist)
{
	u64 start = wl_clock();

	block->vaddr = dma_pool_alloc(cpu->pool, GFP_ATOMIC, &block->dma);
	hist_add(hist, wl_env_ps(wl_clock() - start));
	return block->vaddr;
}

static void timed_free(struct wl_cpu *cpu, struct dma_pool_block *block,
		       struct wl_hist *hist)
{
	u64 start = wl_clock();

	dma_pool_free(cpu->pool, block->vaddr, block->dma);
	hist_add(hist, wl_env_ps(wl_clock() - start));
}

/* Leaves the pool with GROWTH_BLOCKS free: the steady state adds no page. */
static int grow(struct wl_cpu *cpu, enum wl_op op, struct wl_hist *hist)
{
	struct dma_pool_block *block;
	unsigned int i, got;

	block = kvcalloc(GROWTH_BLOCKS, sizeof(*block), GFP_KERNEL);
	if (!block)
		return -ENOMEM;
	for (got = 0; got < GROWTH_BLOCKS; got++)
		if (!timed_alloc(cpu, &block[got], hist))
			break;
	if (op == WL_FREE)
		memset(hist, 0, sizeof(*hist));
	for (i = 0; i < got; i++) {
		if (op == WL_FREE)
			timed_free(cpu, &block[i], hist);
		else
			dma_pool_free(cpu->pool, block[i].vaddr, block[i].dma);
	}
	kvfree(block);
	return got < GROWTH_BLOCKS ? -ENOMEM : 0;
}

static int setup(struct wl_run *run)
{
	struct state *state;
	unsigned int i, j;
	int err;

	err = wl_create_pools(run, true, run->row->size, 0, 0);
	if (!err)
		err = wl_alloc_data(run, sizeof(struct state));
	if (err)
		return err;
	state = run->cpus[0].data;
	run->cpus[0].growth = &state->growth;
	err = grow(&run->cpus[0], run->row->op, &state->growth);

	for (i = 0; !err && i < run->threads; i++) {
		struct wl_cpu *cpu = &run->cpus[i];

		state = cpu->data;
		cpu->steady = &state->steady;
		cpu->aside = &state->aside;
		for (j = 0; !err && j < HOLD; j++) {
			struct dma_pool_block *block = &state->block[j];

			block->vaddr = dma_pool_alloc(cpu->pool, GFP_KERNEL,
						      &block->dma);
			if (!block->vaddr)
				err = -ENOMEM;
		}
	}
	return err;
}

static void teardown(struct wl_run *run)
{
	unsigned int i, j;

	for (i = 0; i < run->threads; i++) {
		struct wl_cpu *cpu = &run->cpus[i];
		struct state *state = cpu->data;

		for (j = 0; state && j < HOLD; j++)
			if (state->block[j].vaddr)
				dma_pool_free(cpu->pool, state->block[j].vaddr,
					      state->block[j].dma);
		cpu->steady = NULL;
		cpu->aside = NULL;
		cpu->growth = NULL;
	}
	wl_free_data(run);
	wl_destroy_pools(run);
}

static void work(struct wl_cpu *cpu, u64 ops)
{
	bool time_alloc = cpu->run->row->op == WL_ALLOC;
	struct state *state = cpu->data;

	while (ops--) {
		struct dma_pool_block *block;

		block = &state->block[rng_below(&cpu->rng, HOLD)];
		if (time_alloc) {
			dma_pool_free(cpu->pool, block->vaddr, block->dma);
			timed_alloc(cpu, block, cpu->times);
		} else {
			timed_free(cpu, block, cpu->times);
			block->vaddr = dma_pool_alloc(cpu->pool, GFP_ATOMIC,
						      &block->dma);
		}
		if (unlikely(!block->vaddr)) {
			cpu->error = -ENOMEM;
			return;
		}
	}
}

const struct workload wl_latency = {
	.family = "latency",
	.rows = rows,
	.nr_rows = ARRAY_SIZE(rows),
	.quantum = quantum,
	.setup = setup,
	.teardown = teardown,
	.work = work,
};
