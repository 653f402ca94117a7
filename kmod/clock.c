// SPDX-License-Identifier: GPL-2.0-only
/* The workloads' clock, calibrated against the kernel's raw monotonic one. */
#include <linux/export.h>
#include <linux/math64.h>
#include <linux/preempt.h>
#include <linux/sort.h>
#include <linux/timekeeping.h>

#include "workload.h"
#include "clock.h"

#define CALIBRATION_NS	10000000
#define READINGS	101
#define TRIES		16

/* Of ps_per_tick.  A raw second times 1000, shifted by it, still fits 64 bits. */
#define FRACTION_BITS	20

/* Both clocks at one moment. */
struct moment {
	u64 ticks, ns;
};

static u64 ps_per_tick;

/* The reading the least time passed around: the others may have been interrupted. */
static struct moment read_both(void)
{
	struct moment best = { };
	u64 least = U64_MAX, before, after, ns;
	int i;

	for (i = 0; i < TRIES; i++) {
		before = wl_clock();
		ns = ktime_get_raw_ns();
		after = wl_clock();
		if (after - before < least) {
			least = after - before;
			best.ticks = before + least / 2;
			best.ns = ns;
		}
	}
	return best;
}

int clock_calibrate(void)
{
	struct moment start = read_both(), now;

	do {
		cond_resched();
		now = read_both();
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

static int by_value(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return (x > y) - (x < y);
}

u64 clock_cost_ps(void)
{
	u64 cost[READINGS], before;
	int i;

	for (i = 0; i < READINGS; i++) {
		before = wl_clock();
		cost[i] = wl_clock() - before;
	}
	sort(cost, READINGS, sizeof(cost[0]), by_value, NULL);
	return wl_env_ps(cost[READINGS / 2]);
}
