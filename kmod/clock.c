// SPDX-License-Identifier: GPL-2.0-only
/* The workloads' clock, calibrated against the kernel's raw monotonic one. */
#include <linux/export.h>
#include <linux/math64.h>
#include <linux/preempt.h>
#include <linux/timekeeping.h>

#include "moment.h"
#include "clock.h"
#include "median.h"

#define CALIBRATION_NS	10000000
#define READINGS	101

/* Of ps_per_tick.  A raw second times 1000, shifted by it, still fits 64 bits. */
#define FRACTION_BITS	20

static u64 ps_per_tick;

static u64 raw_ns(void)
{
	return ktime_get_raw_ns();
}

int clock_calibrate(bool icount)
{
	struct moment start = moment_now(raw_ns), now;

	if (icount) {
		ps_per_tick = 1000 << FRACTION_BITS;
		return 0;
	}
	do {
		cond_resched();
		now = moment_now(raw_ns);
	} while (now.ns - start.ns < CALIBRATION_NS);
	if (now.ticks == start.ticks)
		return -EIO;
	ps_per_tick = div64_u64((now.ns - start.ns) * 1000 << FRACTION_BITS,
				now.ticks - start.ticks);
	return 0;
}

u64 wl_env_ps(u64 ticks)
{
	return mul_u64_u64_shr(ticks, ps_per_tick, FRACTION_BITS);
}
EXPORT_SYMBOL_GPL(wl_env_ps);

u64 clock_cost_ps(void)
{
	u64 cost[READINGS], before;
	int i;

	for (i = 0; i < READINGS; i++) {
		before = wl_clock();
		cost[i] = wl_clock() - before;
	}
	return wl_env_ps(median(cost, READINGS));
}
