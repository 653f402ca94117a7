/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/sched.h>: giving up the CPU between batches. */
#ifndef SHIM_LINUX_SCHED_H
#define SHIM_LINUX_SCHED_H

#include <linux/preempt.h>

static inline void cond_resched(void)
{
	might_sleep();
}

#endif
