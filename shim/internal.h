/* SPDX-License-Identifier: GPL-2.0-only */
/* What the shim's own files share: whether this fallible call is the one to fail. */
#ifndef SHIM_INTERNAL_H
#define SHIM_INTERNAL_H

#include <linux/types.h>

#ifdef SHIM_CHECKED
bool shim_should_fail(void);
#else
static inline bool shim_should_fail(void)
{
	return false;
}
#endif

/* The worker thread's number, out of the way of those that are counted from 0. */
#define SHIM_WORKER_CPU	(NR_CPUS - 1)
void shim_cpu_up_as(int cpu);
/* The calling thread is that CPU from now on. */
void shim_set_this_cpu(int cpu);

#endif
