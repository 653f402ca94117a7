/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random numbers that repeat: xorshift64*, one state a CPU, seeded by the run.  Good
 * enough to choose which block to free, and three instructions.
 */
#ifndef WORKLOADS_RNG_H
#define WORKLOADS_RNG_H

#include <linux/types.h>

static inline u64 rng_next(u64 *state)
{
	u64 x = *state;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*state = x;
	return x * 0x2545f4914f6cdd1dULL;
}

/* Below n, without a division; the bias is below n / 2^32. */
static inline u32 rng_below(u64 *state, u32 n)
{
	return ((rng_next(state) >> 32) * n) >> 32;
}

/* A state from a seed; never zero, where the generator would stay. */
static inline u64 rng_seed(u64 seed)
{
	u64 state = seed * 0x9e3779b97f4a7c15ULL + 1;

	return state ? state : 1;
}

#endif
