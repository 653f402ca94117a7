// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pools and patterns of real drivers.  A request takes a few blocks when it is
 * submitted and gives them back when it completes; what differs is from which pools,
 * how many requests are in flight, and in which order they complete.
 *	nvme	PRP lists: a small one (256) or a page, completing in any order, every
 *		CPU its own queue over the controller's two pools
 *	ehci	a transfer: two qtds, a qh, itd or sitd, a buffer of 32 to 2048 bytes
 *	nic	descriptors of a ring, completing in order
 *	mpt3sas	every block of a controller at load, and back at unload
 * An operation is one block.  Which request completes and from which pools the next one
 * takes is drawn beforehand, so that the timed part does little beside the pool.
 */
#include "workload.h"

static const struct wl_row rows[] = {
	{ .pattern = WL_NVME, .many = true },
	{ .pattern = WL_EHCI },
	{ .pattern = WL_NIC },
	{ .pattern = WL_MPT3SAS, .blocks = 373959 / 16 },
	{ .pattern = WL_MPT3SAS, .blocks = 373959, .full = true },
};

struct geometry {
	unsigned int size, align, boundary;
};

/* In the order of enum below; the sizes and alignments the drivers ask for. */
static const struct geometry nvme_pools[] = { { 256, 256, 0 }, { 4096, 4096, 0 } };
static const struct geometry ehci_pools[] = {
	{ 96, 32, 4096 }, { 96, 32, 4096 }, { 192, 32, 4096 }, { 96, 32, 4096 },
	{ 32, 32, 0 }, { 128, 128, 0 }, { 512, 512, 0 }, { 2048, 2048, 0 },
};

static const struct geometry nic_pools[] = { { 64, 64, 0 } };
static const struct geometry mpt3sas_pools[] = { { 128, 16, 0 } };

enum { EHCI_QTD, EHCI_OTHER, EHCI_BUFFER = 4, EHCI_POOLS = 8 };

struct pattern {
	const struct geometry *pools;
	unsigned int nr_pools;
	unsigned int blocks;		/* a request's */
	unsigned int in_flight;		/* requests; 0: as many as the row's blocks */
	bool in_order;
	/* Which pool the i-th block of a request comes from. */
	unsigned int (*choose)(unsigned int i, u64 *rng);
};

#define REQUEST_MAX	4		/* blocks */
#define STEPS		4096		/* before the same come again */

/* A request completes, and is submitted again with blocks of these pools. */
struct step {
	u16 request;
	u8 pool[REQUEST_MAX];
};

/* Request i has the blocks and pools from i * pattern->blocks on. */
struct state {
	struct dma_pool_block *block;
	u8 *pool;
	unsigned int nr;		/* requests */
	unsigned int next;		/* step */
	struct step step[STEPS];	/* of a queue */
};

static unsigned int nvme_choose(unsigned int i, u64 *rng)
{
	return rng_below(rng, 4) == 0;
}

static unsigned int ehci_choose(unsigned int i, u64 *rng)
{
	if (i < 2)
		return EHCI_QTD;
	if (i == 2)
		return EHCI_OTHER + rng_below(rng, EHCI_BUFFER - EHCI_OTHER);
	return EHCI_BUFFER + rng_below(rng, EHCI_POOLS - EHCI_BUFFER);
}

static unsigned int only_pool(unsigned int i, u64 *rng)
{
	return 0;
}

static const struct pattern patterns[] = {
	[WL_NVME] = { nvme_pools, ARRAY_SIZE(nvme_pools), 1, 1024, false, nvme_choose },
	[WL_EHCI] = { ehci_pools, ARRAY_SIZE(ehci_pools), 4, 64, true, ehci_choose },
	[WL_NIC] = { nic_pools, ARRAY_SIZE(nic_pools), 1, 512, true, only_pool },
	[WL_MPT3SAS] = { mpt3sas_pools, ARRAY_SIZE(mpt3sas_pools), 1, 0, true,
			 only_pool },
};

static const struct pattern *pattern_of(const struct wl_run *run)
{
	return &patterns[run->row->pattern];
}

static u64 quantum(const struct wl_run *run)
{
	return run->row->blocks ? run->row->blocks : 1024;
}

/* With a block of each of these pools. */
static bool submit(struct wl_cpu *cpu, unsigned int blocks, unsigned int request,
		   const u8 *from)
{
	struct dma_pool **pools = cpu->run->pools;
	struct state *state = cpu->data;
	struct dma_pool_block *block = &state->block[request * blocks];
	u8 *pool = &state->pool[request * blocks];
	unsigned int i;

	for (i = 0; i < blocks; i++) {
		pool[i] = from[i];
		block[i].vaddr = dma_pool_alloc(pools[from[i]], GFP_ATOMIC,
						&block[i].dma);
		if (unlikely(!block[i].vaddr)) {
			cpu->error = -ENOMEM;
			return false;
		}
	}
	return true;
}

static void finish(struct wl_cpu *cpu, unsigned int blocks, unsigned int request)
{
	struct dma_pool **pools = cpu->run->pools;
	struct state *state = cpu->data;
	struct dma_pool_block *block = &state->block[request * blocks];
	u8 *pool = &state->pool[request * blocks];
	unsigned int i;

	for (i = 0; i < blocks; i++) {
		if (likely(block[i].vaddr))
			dma_pool_free(pools[pool[i]], block[i].vaddr, block[i].dma);
		block[i].vaddr = NULL;
	}
}

static void draw_steps(struct wl_cpu *cpu, const struct pattern *pattern)
{
	struct state *state = cpu->data;
	unsigned int i, j;

	for (i = 0; i < STEPS; i++) {
		struct step *step = &state->step[i];

		step->request = pattern->in_order ? i % state->nr :
						    rng_below(&cpu->rng, state->nr);
		for (j = 0; j < pattern->blocks; j++)
			step->pool[j] = pattern->choose(j, &cpu->rng);
	}
}

/* A queue that stays full: one completes, the next is submitted in its place. */
static void work_queue(struct wl_cpu *cpu, unsigned int blocks, u64 ops)
{
	struct state *state = cpu->data;

	for (; ops >= blocks; ops -= blocks) {
		const struct step *step = &state->step[state->next++ % STEPS];

		finish(cpu, blocks, step->request);
		if (!submit(cpu, blocks, step->request, step->pool))
			return;
	}
}

static int create_pools(struct wl_run *run)
{
	const struct pattern *pattern = pattern_of(run);
	unsigned int i;

	for (i = 0; i < pattern->nr_pools; i++) {
		const struct geometry *geo = &pattern->pools[i];

		run->pools[i] = dma_pool_create("driver", run->dev, geo->size,
						geo->align, geo->boundary);
		if (!run->pools[i])
			return -ENOMEM;
	}
	return 0;
}

static void destroy_pools(struct wl_run *run)
{
	unsigned int i;

	for (i = 0; i < WL_POOLS; i++) {
		dma_pool_destroy(run->pools[i]);
		run->pools[i] = NULL;
	}
}

/* Load and unload: a new pool, everything out of it, everything back. */
static void work_load(struct wl_cpu *cpu, u64 ops)
{
	static const u8 the_pool[1];
	struct state *state = cpu->data;
	unsigned int i;

	for (; ops >= state->nr && !cpu->error; ops -= state->nr) {
		wl_env_pause(cpu);
		destroy_pools(cpu->run);
		cpu->error = create_pools(cpu->run);
		wl_env_resume(cpu);
		for (i = 0; i < state->nr && !cpu->error; i++)
			submit(cpu, 1, i, the_pool);
		for (i = 0; i < state->nr; i++)
			finish(cpu, 1, i);
	}
}

static void work(struct wl_cpu *cpu, u64 ops)
{
	const struct pattern *pattern = pattern_of(cpu->run);

	if (pattern->in_flight)
		work_queue(cpu, pattern->blocks, ops);
	else
		work_load(cpu, ops);
}

static int fill_queue(struct wl_cpu *cpu, const struct pattern *pattern)
{
	struct state *state = cpu->data;
	unsigned int i;

	state->nr = pattern->in_flight ? pattern->in_flight : cpu->run->row->blocks;
	state->block = kvcalloc(state->nr * pattern->blocks, sizeof(*state->block),
				GFP_KERNEL);
	state->pool = kvcalloc(state->nr * pattern->blocks, sizeof(*state->pool),
			       GFP_KERNEL);
	if (!state->block || !state->pool)
		return -ENOMEM;
	if (!pattern->in_flight)
		return 0;
	draw_steps(cpu, pattern);
	for (i = 0; i < state->nr; i++)
		if (!submit(cpu, pattern->blocks, i, state->step[i].pool))
			return -ENOMEM;
	return 0;
}

static int setup(struct wl_run *run)
{
	unsigned int i;
	int err = create_pools(run);

	if (!err)
		err = wl_alloc_data(run, sizeof(struct state));
	for (i = 0; !err && i < run->threads; i++)
		err = fill_queue(&run->cpus[i], pattern_of(run));
	return err;
}

static void teardown(struct wl_run *run)
{
	const struct pattern *pattern = pattern_of(run);
	unsigned int i, j;

	for (i = 0; i < run->threads; i++) {
		struct state *state = run->cpus[i].data;

		if (!state)
			continue;
		for (j = 0; state->block && state->pool && j < state->nr; j++)
			finish(&run->cpus[i], pattern->blocks, j);
		kvfree(state->block);
		kvfree(state->pool);
	}
	wl_free_data(run);
	destroy_pools(run);
}

const struct workload wl_driver = {
	.family = "driver",
	.rows = rows,
	.nr_rows = ARRAY_SIZE(rows),
	.quantum = quantum,
	.setup = setup,
	.teardown = teardown,
	.work = work,
};
