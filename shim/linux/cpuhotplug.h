/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stand-in for <linux/cpuhotplug.h>: states of the prepare section only.  A thread that
 * calls shim_cpu_up() is a CPU coming online, one that ends or calls shim_cpu_down() is
 * one going offline: startup runs before the CPU is in the online map, teardown when it
 * is no more, as the kernel has another CPU do it; here nobody else could, so it is the
 * thread itself, which is no CPU then.
 */
#ifndef SHIM_LINUX_CPUHOTPLUG_H
#define SHIM_LINUX_CPUHOTPLUG_H

#include <linux/types.h>

enum cpuhp_state {
	CPUHP_BP_PREPARE_DYN = 100,
};

/* May sleep; must not add or remove states.  Returns 0: failing WARNs. */
typedef int (*cpuhp_fn)(unsigned int cpu);

/*
 * The new state's number (> 0), or -errno.  "nocalls": the callbacks are not run for the
 * CPUs online now.
 */
int cpuhp_setup_state_nocalls(enum cpuhp_state state, const char *name,
			      cpuhp_fn startup, cpuhp_fn teardown);
void cpuhp_remove_state_nocalls(int state);

/* No CPU comes or goes between the two.  May sleep. */
void cpus_read_lock(void);
void cpus_read_unlock(void);

#endif
