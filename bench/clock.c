// SPDX-License-Identifier: GPL-2.0-only
/* The workloads' clock, calibrated against the kernel's raw monotonic one. */
#include "workloads/moment.h"

#include <stdlib.h>
#include <time.h>

#include "clock.h"

#define CALIBRATION_NS	10000000
#define READINGS	1001

static struct moment start;
/* Picoseconds a tick, in 32.32 fixed point. */
static u64 ps_per_tick;

static u64 raw_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

void clock_start(void)
{
	start = moment_now(raw_ns);
}

void clock_calibrate(void)
{
	struct moment now;

	do {
		now = moment_now(raw_ns);
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
