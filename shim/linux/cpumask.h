/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/cpumask.h>: every CPU number is possible, threads come and go. */
#ifndef SHIM_LINUX_CPUMASK_H
#define SHIM_LINUX_CPUMASK_H

#include <linux/smp.h>

bool cpu_online(unsigned int cpu);
unsigned int num_online_cpus(void);

#define num_possible_cpus()	NR_CPUS
#define for_each_possible_cpu(cpu) \
	for ((cpu) = 0; (cpu) < NR_CPUS; (cpu)++)
#define for_each_online_cpu(cpu) \
	for_each_possible_cpu(cpu) \
		if (cpu_online(cpu))

#endif
