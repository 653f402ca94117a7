/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/delay.h>: sleeping for a time. */
#ifndef SHIM_LINUX_DELAY_H
#define SHIM_LINUX_DELAY_H

#include <linux/jiffies.h>
#include <linux/sched.h>

static inline void msleep(unsigned int ms)
{
	schedule_timeout_uninterruptible(msecs_to_jiffies(ms) + 1);
}

#endif
