// SPDX-License-Identifier: GPL-2.0-only
/* Hold N blocks, then free them in order lifo, fifo or random, on one CPU. */
#include "hold.h"

#define ORDERS(...)					\
	{ __VA_ARGS__, .order = WL_LIFO },		\
	{ __VA_ARGS__, .order = WL_FIFO },		\
	{ __VA_ARGS__, .order = WL_RANDOM }

static const struct wl_row rows[] = {
	ORDERS(.size = 64, .hold = 32),
	ORDERS(.size = 64, .hold = 1024),
	ORDERS(.size = 64, .hold = 8192),
	ORDERS(.size = 16, .hold = 1024, .full = true),
	ORDERS(.size = 256, .hold = 1024, .full = true),
	ORDERS(.size = 1024, .hold = 1024, .full = true),
	ORDERS(.size = 4096, .hold = 1024, .full = true),
};

static int setup(struct wl_run *run)
{
	int err = wl_create_pools(run, false, run->row->size, 0, 0);

	return err ? err : wl_hold_setup(run);
}

static void teardown(struct wl_run *run)
{
	wl_hold_teardown(run);
	wl_destroy_pools(run);
}

const struct workload wl_batch = {
	.family = "batch",
	.rows = rows,
	.nr_rows = ARRAY_SIZE(rows),
	.quantum = wl_hold_quantum,
	.setup = setup,
	.teardown = teardown,
	.work = wl_hold_work,
};
