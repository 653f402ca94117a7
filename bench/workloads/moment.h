/* SPDX-License-Identifier: GPL-2.0-only */
/* The workloads' clock and another read at one moment, to calibrate one by the other. */
#ifndef WORKLOADS_MOMENT_H
#define WORKLOADS_MOMENT_H

#include "workload.h"

#define MOMENT_TRIES	16

struct moment {
	u64 ticks, ns;
};

/* The reading the least time passed around: the others may have been interrupted. */
static inline struct moment moment_now(u64 (*raw_ns)(void))
{
	u64 least = ~0ULL, before, after, ns;
	struct moment best = { };
	int i;

	for (i = 0; i < MOMENT_TRIES; i++) {
		before = wl_clock();
		ns = raw_ns();
		after = wl_clock();
		if (after - before < least) {
			least = after - before;
			best.ticks = before + least / 2;
			best.ns = ns;
		}
	}
	return best;
}

#endif
