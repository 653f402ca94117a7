/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/sched.h>: the point at which a CPU looks after its work. */
#ifndef SHIM_LINUX_SCHED_H
#define SHIM_LINUX_SCHED_H

#include <linux/preempt.h>

/* Work queued for this CPU is done here. */
void shim_run_cpu_work(void);

static inline void cond_resched(void)
{
	might_sleep();
	shim_run_cpu_work();
}

#endif
