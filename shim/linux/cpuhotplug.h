/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stand-in for <linux/cpuhotplug.h>: multi-instance states only.  A thread that
 * calls shim_cpu_up() is a CPU coming online, one that ends or calls shim_cpu_down()
 * is one going offline: startup and teardown run on that thread for every instance
 * while it is in the online map, as the kernel does for the states from
 * CPUHP_AP_ONLINE_DYN up, the only ones here.
 */
#ifndef SHIM_LINUX_CPUHOTPLUG_H
#define SHIM_LINUX_CPUHOTPLUG_H

#include <linux/list.h>
#include <linux/types.h>

enum cpuhp_state {
	CPUHP_AP_ONLINE_DYN = 100,
};

struct hlist_node {
	struct list_head entry;
};

/* May sleep; must not add or remove states and instances.  Returns 0: failing WARNs. */
typedef int (*cpuhp_multi_fn)(unsigned int cpu, struct hlist_node *node);

/* The new state's number (> 0), or -errno. */
int cpuhp_setup_state_multi(enum cpuhp_state state, const char *name,
			    cpuhp_multi_fn startup, cpuhp_multi_fn teardown);
void cpuhp_remove_multi_state(int state);

/* No CPU comes or goes between the two.  May sleep. */
void cpus_read_lock(void);
void cpus_read_unlock(void);

/* "nocalls": the callbacks are not run for the CPUs online now. */
int cpuhp_state_add_instance_nocalls(int state, struct hlist_node *node);
int cpuhp_state_remove_instance_nocalls(int state, struct hlist_node *node);

#endif
