// SPDX-License-Identifier: GPL-2.0-only
/* The families there are, in the order of the report. */
#include "workload.h"

const struct workload *const wl_families[] = {
	&wl_pair, &wl_batch, &wl_dmapool_test, &wl_contend, &wl_handoff, &wl_latency,
	&wl_frag, &wl_driver, &wl_bulk, NULL
};
