/* SPDX-License-Identifier: GPL-2.0-only */
/* What a tick of the workloads' clock is worth, and what reading it costs. */
#ifndef BENCH_CLOCK_H
#define BENCH_CLOCK_H

/*
 * Notes the time; call it first thing in main().  The longer until clock_calibrate(),
 * the better the rate is known: 10 ms make it good to 10 ppm.
 */
void clock_start(void);

/* Fixes the rate against CLOCK_MONOTONIC_RAW; waits until start was 10 ms ago. */
void clock_calibrate(void);

/* Median cost of one reading in nanoseconds: two in a row, by their difference. */
double clock_cost_ns(void);

/* What all readings are multiples of: no single operation is timed finer. */
double clock_step_ns(void);

#endif
