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
 * An operation is one block.
 */
#include "workload.h"

#define MAX_BLOCKS	4	/* a request's */

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

struct request {
	struct dma_pool_block block[MAX_BLOCKS];
	u8 pool[MAX_BLOCKS];
};

struct pattern {
	const struct geometry *pools;
	unsigned int nr_pools;
	unsigned int blocks;		/* a request's */
	unsigned int in_flight;		/* requests; 0: as many as the row's blocks */
	bool in_order;
	/* Which pool the i-th block of a request comes from. */
	unsigned int (*choose)(unsigned int i, u64 *rng);
};

struct state {
	struct request *request;
	unsigned int nr, oldest;
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

static bool submit(struct wl_cpu *cpu, const struct pattern *pattern,
		   struct request *request)
{
	struct dma_pool **pools = cpu->run->pools;
	unsigned int i;

	for (i = 0; i < pattern->blocks; i++) {
		struct dma_pool_block *block = &request->block[i];

		request->pool[i] = pattern->choose(i, &cpu->rng);
		block->vaddr = dma_pool_alloc(pools[request->pool[i]], GFP_ATOMIC,
					      &block->dma);
		if (unlikely(!block->vaddr)) {
			cpu->error = -ENOMEM;
			return false;
		}
	}
	return true;
}

static void complete(struct wl_cpu *cpu, const struct pattern *pattern,
		     struct request *request)
{
	struct dma_pool **pools = cpu->run->pools;
	unsigned int i;

	for (i = 0; i < pattern->blocks; i++) {
		struct dma_pool_block *block = &request->block[i];

		if (block->vaddr)
			dma_pool_free(pools[request->pool[i]], block->vaddr, block->dma);
		block->vaddr = NULL;
	}
}

static struct request *next_to_complete(struct wl_cpu *cpu, bool in_order)
{
	struct state *state = cpu->data;

	if (!in_order)
		return &state->request[rng_below(&cpu->rng, state->nr)];
	if (state->oldest == state->nr)
		state->oldest = 0;
	return &state->request[state->oldest++];
}

/* A queue that stays full: one completes, the next is submitted in its place. */
static void work_queue(struct wl_cpu *cpu, const struct pattern *pattern, u64 ops)
{
	struct request *request;

	for (; ops >= pattern->blocks; ops -= pattern->blocks) {
		request = next_to_complete(cpu, pattern->in_order);
		complete(cpu, pattern, request);
		if (!submit(cpu, pattern, request))
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
static void work_load(struct wl_cpu *cpu, const struct pattern *pattern, u64 ops)
{
	struct state *state = cpu->data;
	unsigned int i;

	for (; ops >= state->nr && !cpu->error; ops -= state->nr) {
		wl_env_pause(cpu);
		destroy_pools(cpu->run);
		cpu->error = create_pools(cpu->run);
		wl_env_resume(cpu);
		for (i = 0; i < state->nr && !cpu->error; i++)
			submit(cpu, pattern, &state->request[i]);
		for (i = 0; i < state->nr; i++)
			complete(cpu, pattern, &state->request[i]);
	}
}

static void work(struct wl_cpu *cpu, u64 ops)
{
	const struct pattern *pattern = pattern_of(cpu->run);

	if (pattern->in_flight)
		work_queue(cpu, pattern, ops);
	else
		work_load(cpu, pattern, ops);
}

static int fill_queue(struct wl_cpu *cpu, const struct pattern *pattern)
{
	struct state *state = cpu->data;
	unsigned int i;

	state->nr = pattern->in_flight ? pattern->in_flight : cpu->run->row->blocks;
	state->request = kvcalloc(state->nr, sizeof(*state->request), GFP_KERNEL);
	if (!state->request)
		return -ENOMEM;
	for (i = 0; pattern->in_flight && i < state->nr; i++)
		if (!submit(cpu, pattern, &state->request[i]))
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
	unsigned int i, j;

	for (i = 0; i < run->threads; i++) {
		struct state *state = run->cpus[i].data;

		for (j = 0; state && state->request && j < state->nr; j++)
			complete(&run->cpus[i], pattern_of(run), &state->request[j]);
		if (state)
			kvfree(state->request);
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
