/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How long a cache line takes from one CPU to another, right now: what any figure of
 * two CPUs on one pool is made of, and what a hypervisor changes by moving a vCPU.
 */
#ifndef BENCH_PINGPONG_H
#define BENCH_PINGPONG_H

#include <stdbool.h>

#define CACHE_LINE 64

/* Two threads' meeting place: zero at first, used any number of times. */
struct pingpong {
	unsigned int ball __attribute__((__aligned__(2 * CACHE_LINE)));
	char pad[2 * CACHE_LINE - sizeof(unsigned int)];
};

/*
 * Both threads call it with the same table, one of them as server.  Returns the
 * nanoseconds of one way, averaged over some hundred microseconds of play.
 */
double pingpong_play(struct pingpong *table, bool server);

#endif
