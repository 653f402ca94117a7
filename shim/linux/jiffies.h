/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/jiffies.h>: ticks of Debian's kernels, 250 a second. */
#ifndef SHIM_LINUX_JIFFIES_H
#define SHIM_LINUX_JIFFIES_H

#include <limits.h>

#define HZ		250
#define jiffies		shim_jiffies()

/* Since some moment before the program's start. */
unsigned long shim_jiffies(void);

#define time_after(a, b)	((long)((b) - (a)) < 0)
#define time_before(a, b)	time_after(b, a)
#define time_after_eq(a, b)	((long)((a) - (b)) >= 0)
#define time_before_eq(a, b)	time_after_eq(b, a)

/* Never less than was asked for. */
static inline unsigned long msecs_to_jiffies(unsigned int ms)
{
	return (ms * (unsigned long)HZ + 999) / 1000;
}

static inline unsigned int jiffies_to_msecs(unsigned long ticks)
{
	return ticks * (1000 / HZ);
}

#endif
