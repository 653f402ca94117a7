// SPDX-License-Identifier: GPL-2.0-only
/* The workloads' clock, calibrated against the kernel's raw monotonic one. */
#include "workloads/workload.h"

#include <stdlib.h>
#include <time.h>

#include "clock.h"

#define CALIBRATION_NS	10000000
#define READINGS	1001
#define TRIES		16

/* Both clocks at one moment. */
struct moment {
	u64 ticks, ns;
};

static struct moment start;
/* Picoseconds a tick, in 32.32 fixed point. */
static u64 ps_per_tick;

static u64 raw_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* The reading the least time passed around: the others may have been interrupted. */
static struct moment read_both(void)
{
	u64 least = ~0ULL, before, after, ns;
	struct moment best = { };

	for (int i = 0; i < TRIES; i++) {
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

void clock_start(void)
{
	start = read_both();
}

void clock_calibrate(void)
{
	struct moment now;

	do {
		now = read_both();
	} while (now.ns - start.ns < CALIBRATION_NS);
	ps_per_tick = ((unsigned __int128)(now.ns - start.ns) * 1000 << 32) /
		      (now.ticks - start.ticks);
}

u64 wl_env_ps(u64 ticks)
{
	return (unsigned __int128)ticks * ps_per_tick >> 32;
}

static int by_value(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return (x > y) - (x < y);
}

double clock_cost_ns(void)
{
	u64 cost[READINGS], before;

	for (int i = 0; i < READINGS; i++) {
		before = wl_clock();
		cost[i] = wl_clock() - before;
	}
	qsort(cost, READINGS, sizeof(cost[0]), by_value);
	return wl_env_ps(cost[READINGS / 2]) / 1000.0;
}

static u64 gcd(u64 a, u64 b)
{
	while (b) {
		u64 rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

double clock_step_ns(void)
{
	u64 first = wl_clock(), step = 0;

	for (int i = 0; i < READINGS; i++)
		step = gcd(wl_clock() - first, step);
	return wl_env_ps(step) / 1000.0;
}
