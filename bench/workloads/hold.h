/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hold N blocks, then free them in some order: the round that batch and contend
 * share, on one CPU.
 */
#ifndef WORKLOADS_HOLD_H
#define WORKLOADS_HOLD_H

#include "workload.h"

struct wl_hold {
	struct dma_pool_block *block;
	unsigned int *order;		/* in which slots are freed */
	unsigned int nr;
};

/* ->data of each CPU becomes a struct wl_hold of row->hold slots. */
int wl_hold_setup(struct wl_run *run);
void wl_hold_teardown(struct wl_run *run);

/* Rounds of row->hold operations, as many as make ops. */
void wl_hold_work(struct wl_cpu *cpu, u64 ops);
u64 wl_hold_quantum(const struct wl_run *run);

#endif
