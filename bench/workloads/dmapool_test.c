// SPDX-License-Identifier: GPL-2.0-only
/*
 * The six rows of the kernel's mm/dmapool_test.c, with its line: a hundred times,
 * allocate all, free all in the same order, page growth included.
 */
#include <linux/math64.h>
#include <linux/mm.h>

#include "workload.h"

#define ROUNDS	100

static const struct wl_row rows[] = {
	{ .size = 16, .align = 16 },
	{ .size = 64, .align = 64 },
	{ .size = 256, .align = 256 },
	{ .size = 1024, .align = 1024 },
	{ .size = 4096, .align = 4096 },
	{ .size = 68, .align = 32, .boundary = 4096 },
};

/* What the kernel's test prints of the last hundred rounds. */
struct test {
	struct dma_pool_block *block;
	u64 time_ps;
};

static unsigned int nr_blocks(const struct wl_run *run)
{
	return clamp_t(unsigned int, PAGE_SIZE / run->row->size * 512, 1024, 8192);
}

static u64 quantum(const struct wl_run *run)
{
	return (u64)ROUNDS * nr_blocks(run);
}

static int setup(struct wl_run *run)
{
	int err = wl_alloc_data(run, sizeof(struct test));
	struct test *test = run->cpus[0].data;

	if (err)
		return err;
	test->block = kvcalloc(nr_blocks(run), sizeof(*test->block), GFP_KERNEL);
	return test->block ? 0 : -ENOMEM;
}

static void teardown(struct wl_run *run)
{
	struct test *test = run->cpus[0].data;

	if (test)
		kvfree(test->block);
	wl_free_data(run);
	wl_destroy_pools(run);
}

/* The kernel's test, too, has a pool of its own for every row. */
static int fresh_pool(struct wl_cpu *cpu)
{
	const struct wl_row *row = cpu->run->row;
	int err;

	wl_env_pause(cpu);
	wl_destroy_pools(cpu->run);
	err = wl_create_pools(cpu->run, false, row->size, row->align, row->boundary);
	wl_env_resume(cpu);
	return err;
}

static bool one_round(struct dma_pool *pool, gfp_t gfp, struct dma_pool_block *block,
		      unsigned int blocks)
{
	unsigned int i, got;

	for (got = 0; got < blocks; got++) {
		block[got].vaddr = dma_pool_alloc(pool, gfp, &block[got].dma);
		if (!block[got].vaddr)
			break;
	}
	for (i = 0; i < got; i++)
		dma_pool_free(pool, block[i].vaddr, block[i].dma);
	return got == blocks;
}

static void work(struct wl_cpu *cpu, u64 ops)
{
	unsigned int blocks = nr_blocks(cpu->run), round;
	gfp_t gfp = cpu->run->masked ? GFP_ATOMIC : GFP_KERNEL;
	struct test *test = cpu->data;
	u64 start;

	for (; ops >= quantum(cpu->run) && !cpu->error; ops -= quantum(cpu->run)) {
		cpu->error = fresh_pool(cpu);
		start = wl_clock();
		for (round = 0; round < ROUNDS && !cpu->error; round++)
			if (!one_round(cpu->pool, gfp, test->block, blocks))
				cpu->error = -ENOMEM;
		test->time_ps = wl_env_ps(wl_clock() - start);
	}
}

static void report(struct wl_run *run)
{
	struct test *test = run->cpus[0].data;

	scnprintf(run->label, sizeof(run->label),
		  "dmapool test: size:%-4u align:%-4u blocks:%-4u time:%llu",
		  run->row->size, run->row->align, nr_blocks(run),
		  (unsigned long long)div64_u64(test->time_ps, 1000000));
}

const struct workload wl_dmapool_test = {
	.family = "dmapool_test",
	.rows = rows,
	.nr_rows = ARRAY_SIZE(rows),
	.sleeps = true,
	.quantum = quantum,
	.setup = setup,
	.teardown = teardown,
	.work = work,
	.report = report,
};
