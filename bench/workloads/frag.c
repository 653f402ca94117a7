// SPDX-License-Identifier: GPL-2.0-only
/*
 * What memory a pool holds after a peak.  N blocks are allocated, then
 *	down	nine in ten are freed at random, nothing allocated meanwhile;
 *	mixed	the same way down, but with 45 allocations to 55 frees;
 *	churn2	mixed, then 2 N times a random block is freed and another allocated;
 *	churn10	the same 10 N times.
 * The last part of a row is the timed one.  Pages held, occupied and ideal are taken
 * at its end, and along the way for the plot; what trim gives back then, after that.
 * In down an operation is one free.
 */
#include "workload.h"

#define SAMPLES	16		/* in each part */

#define PHASES(...)					\
	{ __VA_ARGS__, .phase = WL_DOWN },		\
	{ __VA_ARGS__, .phase = WL_MIXED },		\
	{ __VA_ARGS__, .phase = WL_CHURN2 },		\
	{ __VA_ARGS__, .phase = WL_CHURN10 }

static const struct wl_row rows[] = {
	PHASES(.size = 64, .blocks = 25000),
	PHASES(.size = 64, .blocks = 100000, .full = true),
};

/* The live blocks are the first nr of the array. */
struct state {
	struct dma_pool_block *block;
	size_t nr, max;
	u64 done;		/* operations since the peak */
};

static unsigned int part_ops(const struct wl_run *run, enum wl_phase phase)
{
	unsigned int blocks = run->row->blocks;

	switch (phase) {
	case WL_DOWN:
		return blocks * 9 / 10;
	case WL_MIXED:
		return blocks * 9 / 2;		/* a step in ten leads down */
	case WL_CHURN2:
		return blocks * 2;
	case WL_CHURN10:
		return blocks * 10;
	}
	return 0;
}

static u64 quantum(const struct wl_run *run)
{
	return part_ops(run, run->row->phase);
}

static void take_one(struct wl_cpu *cpu, struct state *state)
{
	struct dma_pool_block *block = &state->block[state->nr];

	if (state->nr == state->max)
		return;
	block->vaddr = dma_pool_alloc(cpu->pool, GFP_ATOMIC, &block->dma);
	if (likely(block->vaddr))
		state->nr++;
	else
		cpu->error = -ENOMEM;
}

static void put_one(struct wl_cpu *cpu, struct state *state)
{
	struct dma_pool_block *block;

	if (!state->nr)
		return;
	block = &state->block[rng_below(&cpu->rng, state->nr)];
	dma_pool_free(cpu->pool, block->vaddr, block->dma);
	*block = state->block[--state->nr];
}

static void do_ops(struct wl_cpu *cpu, struct state *state, enum wl_phase phase, u64 ops)
{
	unsigned int step;

	while (ops-- && !cpu->error) {
		switch (phase) {
		case WL_DOWN:
			put_one(cpu, state);
			break;
		case WL_MIXED:
			for (step = 0; step < 2; step++) {
				if (rng_below(&cpu->rng, 100) < 45)
					take_one(cpu, state);
				else
					put_one(cpu, state);
			}
			break;
		case WL_CHURN2:
		case WL_CHURN10:
			put_one(cpu, state);
			take_one(cpu, state);
			break;
		}
	}
}

static void sample(struct wl_cpu *cpu, struct state *state)
{
	int err = wl_measure_pages(cpu->run, cpu->pool, cpu->run->row->size,
				   state->block, state->nr);

	if (err)
		cpu->error = err;
	else
		wl_env_sample(cpu->run, state->done);
}

/* One part with its samples; the clock runs only while the pool works. */
static void do_part(struct wl_cpu *cpu, struct state *state, enum wl_phase phase,
		    bool timed)
{
	unsigned int left = part_ops(cpu->run, phase), ops, i;

	for (i = SAMPLES; i && !cpu->error; i--) {
		ops = left / i;
		if (timed)
			wl_env_resume(cpu);
		do_ops(cpu, state, phase, ops);
		if (timed)
			wl_env_pause(cpu);
		left -= ops;
		state->done += ops;
		sample(cpu, state);
	}
}

static void free_all(struct wl_cpu *cpu, struct state *state)
{
	for (; state->nr; state->nr--) {
		struct dma_pool_block *block = &state->block[state->nr - 1];

		dma_pool_free(cpu->pool, block->vaddr, block->dma);
	}
}

/* From nothing to the peak; every pass, and every variant, does the same. */
static void climb(struct wl_cpu *cpu, struct state *state)
{
	const struct wl_row *row = cpu->run->row;

	free_all(cpu, state);
	cpu->rng = rng_seed(cpu->run->seed);
	wl_destroy_pools(cpu->run);
	cpu->error = wl_create_pools(cpu->run, false, row->size, 0, 0);
	while (!cpu->error && state->nr < state->max)
		take_one(cpu, state);
	state->done = 0;
	if (!cpu->error)
		sample(cpu, state);
}

static void work(struct wl_cpu *cpu, u64 ops)
{
	enum wl_phase phase = cpu->run->row->phase;
	struct state *state = cpu->data;

	wl_env_pause(cpu);
	for (; ops >= quantum(cpu->run) && !cpu->error; ops -= quantum(cpu->run)) {
		climb(cpu, state);
		if (phase == WL_CHURN2 || phase == WL_CHURN10)
			do_part(cpu, state, WL_MIXED, false);
		do_part(cpu, state, phase, true);
	}
	wl_env_resume(cpu);
}

static int setup(struct wl_run *run)
{
	int err = wl_alloc_data(run, sizeof(struct state));
	struct state *state = run->cpus[0].data;

	if (err)
		return err;
	state->max = run->row->blocks;
	state->block = kvcalloc(state->max, sizeof(*state->block), GFP_KERNEL);
	return state->block ? 0 : -ENOMEM;
}

static void report(struct wl_run *run)
{
	struct wl_cpu *cpu = &run->cpus[0];

	cpu->error = wl_measure_trim(run, cpu->pool);
}

static void teardown(struct wl_run *run)
{
	struct state *state = run->cpus[0].data;

	if (state) {
		if (state->block)
			free_all(&run->cpus[0], state);
		kvfree(state->block);
	}
	wl_free_data(run);
	wl_destroy_pools(run);
}

const struct workload wl_frag = {
	.family = "frag",
	.rows = rows,
	.nr_rows = ARRAY_SIZE(rows),
	.quantum = quantum,
	.setup = setup,
	.teardown = teardown,
	.work = work,
	.report = report,
};
