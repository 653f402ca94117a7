/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The runner's clock, which nobody sets while it runs.
 */
#ifndef RUN_CLOCK_H
#define RUN_CLOCK_H

#include <time.h>

/* CLOCK_MONOTONIC in seconds. */
static inline double clock_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec * 1e-9;
}

#endif
