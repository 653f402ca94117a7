// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every CPU on one pool (shared:1), and on a pool each as the control (shared:0):
 * what they differ by is contention.  hold:1 is the pair loop.
 */
#include "hold.h"

#define BOTH(...)					\
	{ __VA_ARGS__, .shared = WL_SHARED, .many = true },		\
	{ __VA_ARGS__, .shared = WL_OWN, .many = true }

static const struct wl_row rows[] = {
	BOTH(.size = 64, .hold = 1),
	BOTH(.size = 64, .hold = 1024, .order = WL_RANDOM),
	BOTH(.size = 1024, .hold = 1, .full = true),
	BOTH(.size = 1024, .hold = 1024, .order = WL_RANDOM, .full = true),
};

static u64 quantum(const struct wl_run *run)
{
	return max(run->row->hold, 1024u);
}

static int setup(struct wl_run *run)
{
	bool shared = run->row->shared == WL_SHARED;
	int err = wl_create_pools(run, shared, run->row->size, 0, 0);

	return err ? err : wl_hold_setup(run);
}

static void teardown(struct wl_run *run)
{
	wl_hold_teardown(run);
	wl_destroy_pools(run);
}

const struct workload wl_contend = {
	.family = "contend",
	.rows = rows,
	.nr_rows = ARRAY_SIZE(rows),
	.quantum = quantum,
	.setup = setup,
	.teardown = teardown,
	.work = wl_hold_work,
};
