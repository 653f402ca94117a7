// SPDX-License-Identifier: GPL-2.0-only
/* Allocate and free at once: the floor of a variant, everything hot. */
#include "workload.h"

static const struct wl_row rows[] = {
	{ .size = 16 }, { .size = 64 }, { .size = 256 }, { .size = 1024 },
	{ .size = 4096 },
	{ .size = 32, .full = true }, { .size = 128, .full = true },
	{ .size = 512, .full = true }, { .size = 2048, .full = true },
	{ .size = 68, .align = 32, .boundary = 4096, .full = true },
};

static u64 quantum(const struct wl_run *run)
{
	return 1024;
}

static int setup(struct wl_run *run)
{
	return wl_create_pools(run, false, run->row->size, run->row->align,
			       run->row->boundary);
}

static void work(struct wl_cpu *cpu, u64 ops)
{
	struct dma_pool *pool = cpu->pool;
	dma_addr_t dma;
	void *vaddr;

	while (ops--) {
		vaddr = dma_pool_alloc(pool, GFP_ATOMIC, &dma);
		if (unlikely(!vaddr)) {
			cpu->error = -ENOMEM;
			return;
		}
		dma_pool_free(pool, vaddr, dma);
	}
}

const struct workload wl_pair = {
	.family = "pair",
	.rows = rows,
	.nr_rows = ARRAY_SIZE(rows),
	.quantum = quantum,
	.setup = setup,
	.teardown = wl_destroy_pools,
	.work = work,
};
