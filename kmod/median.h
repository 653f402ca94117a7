/* SPDX-License-Identifier: GPL-2.0-only */
/* The middle one of some durations. */
#ifndef KMOD_MEDIAN_H
#define KMOD_MEDIAN_H

#include <linux/sort.h>
#include <linux/types.h>

static inline int by_value(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return (x > y) - (x < y);
}

/* Sorts them. */
static inline u64 median(u64 *values, unsigned int nr)
{
	sort(values, nr, sizeof(*values), by_value, NULL);
	return values[nr / 2];
}

#endif
