/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/smp.h>: a CPU is a thread that called shim_cpu_up(). */
#ifndef SHIM_LINUX_SMP_H
#define SHIM_LINUX_SMP_H

#include <linux/preempt.h>

#define NR_CPUS		256
#define nr_cpu_ids	NR_CPUS

extern __thread int shim_this_cpu;

#define raw_smp_processor_id()	(shim_this_cpu)
#define smp_processor_id()	raw_smp_processor_id()

#endif
