// SPDX-License-Identifier: GPL-2.0-only
/*
 * The families a peer takes part in, in place of workloads/families.c: those of time.
 * Pages, debug checks and trimming it does not have, and the size of a rte_mempool is
 * fixed when it is created.
 */
#include "../workloads/workload.h"

const struct workload *const wl_families[] = {
	&wl_pair, &wl_batch, &wl_contend, &wl_handoff, &wl_latency, &wl_bulk, NULL
};
