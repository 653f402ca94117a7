/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Log-linear histogram of durations in picoseconds: exact below 2^7, then 64 buckets
 * an octave, so the middle of a bucket is within 0.8 % of every value in it.  Two
 * histograms merge by adding their counts, which is why percentiles are taken from
 * sums of them and never averaged.
 */
#ifndef WORKLOADS_HIST_H
#define WORKLOADS_HIST_H

#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/types.h>

#define HIST_BITS	7
#define HIST_HALF	(1u << (HIST_BITS - 1))
#define HIST_MAX_BITS	40	/* 2^40 ps is over a second; longer counts as that */
#define HIST_BUCKETS	((HIST_MAX_BITS - HIST_BITS + 2) * HIST_HALF)

struct wl_hist {
	u64 total;	/* values */
	u64 sum;	/* of them */
	u64 max;
	u32 count[HIST_BUCKETS];
};

static inline unsigned int hist_index(u64 ps)
{
	unsigned int shift;

	if (ps >> HIST_BITS == 0)
		return ps;
	if (ps >> HIST_MAX_BITS)
		return HIST_BUCKETS - 1;
	shift = fls64(ps) - HIST_BITS;
	return (shift << (HIST_BITS - 1)) + (ps >> shift);
}

/* The least value that falls into a bucket. */
static inline u64 hist_lower(unsigned int index)
{
	unsigned int shift;

	if (index < 2 * HIST_HALF)
		return index;
	shift = (index >> (HIST_BITS - 1)) - 1;
	return (u64)((index & (HIST_HALF - 1)) + HIST_HALF) << shift;
}

static inline void hist_add(struct wl_hist *hist, u64 ps)
{
	hist->count[hist_index(ps)]++;
	hist->total++;
	hist->sum += ps;
	if (ps > hist->max)
		hist->max = ps;
}

static inline void hist_merge(struct wl_hist *into, const struct wl_hist *from)
{
	unsigned int i;

	for (i = 0; i < HIST_BUCKETS; i++)
		into->count[i] += from->count[i];
	into->total += from->total;
	into->sum += from->sum;
	if (from->max > into->max)
		into->max = from->max;
}

/*
 * The middle of the bucket below which per_million of the values lie, or the greatest
 * value where that is less; 0 without values.
 */
static inline u64 hist_quantile(const struct wl_hist *hist, u32 per_million)
{
	u64 rank = div64_u64(hist->total * per_million, 1000000), seen = 0;
	unsigned int i;

	for (i = 0; i < HIST_BUCKETS - 1; i++) {
		seen += hist->count[i];
		if (seen > rank)
			break;
	}
	return min((hist_lower(i) + hist_lower(i + 1)) / 2, hist->max);
}

#endif
