/* SPDX-License-Identifier: GPL-2.0-only */
/* What a tick of the workloads' clock is worth, and what reading it costs. */
#ifndef KMOD_CLOCK_H
#define KMOD_CLOCK_H

#include <linux/types.h>

/*
 * Fixes the rate against ktime_get_raw(), which takes 10 ms.  -EIO if it stands still.
 * A clock that counts instructions (@icount) does so exactly, one a nanosecond.
 */
int clock_calibrate(bool icount);

/* Median cost of one reading in picoseconds: two in a row, by their difference. */
u64 clock_cost_ps(void);

#endif
