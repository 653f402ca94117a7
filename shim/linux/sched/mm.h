/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/sched/mm.h>: the check that an allocation may sleep. */
#ifndef SHIM_LINUX_SCHED_MM_H
#define SHIM_LINUX_SCHED_MM_H

#include <linux/gfp.h>
#include <linux/preempt.h>

static inline void might_alloc(gfp_t gfp)
{
	if (gfpflags_allow_blocking(gfp))
		might_sleep();
}

#endif
