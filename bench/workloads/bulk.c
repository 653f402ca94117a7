// SPDX-License-Identifier: GPL-2.0-only
/* 32 blocks a call, both ways, as a driver would fill a ring; hold: in flight. */
#include "workload.h"

#define BULK	32

static const struct wl_row rows[] = {
	{ .size = 64, .hold = BULK },
	{ .size = 64, .hold = 1024 },
};

static u64 quantum(const struct wl_run *run)
{
	return run->row->hold;
}

static int setup(struct wl_run *run)
{
	int err = wl_create_pools(run, false, run->row->size, 0, 0);

	return err ? err : wl_alloc_data(run, run->row->hold *
					 sizeof(struct dma_pool_block));
}

static void teardown(struct wl_run *run)
{
	wl_free_data(run);
	wl_destroy_pools(run);
}

static void work(struct wl_cpu *cpu, u64 ops)
{
	struct dma_pool_block *blocks = cpu->data;
	unsigned int hold = cpu->run->row->hold, i, got;

	for (; ops >= hold; ops -= hold) {
		for (i = 0; i < hold; i += BULK) {
			got = dma_pool_alloc_bulk(cpu->pool, GFP_ATOMIC, BULK,
						  &blocks[i]);
			if (unlikely(got < BULK)) {
				dma_pool_free_bulk(cpu->pool, i + got, blocks);
				cpu->error = -ENOMEM;
				return;
			}
		}
		for (i = 0; i < hold; i += BULK)
			dma_pool_free_bulk(cpu->pool, BULK, &blocks[i]);
	}
}

const struct workload wl_bulk = {
	.family = "bulk",
	.rows = rows,
	.nr_rows = ARRAY_SIZE(rows),
	.quantum = quantum,
	.setup = setup,
	.teardown = teardown,
	.work = work,
};
