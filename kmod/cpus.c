// SPDX-License-Identifier: GPL-2.0-only
/* Which CPUs a run uses; see cpus.h. */
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/topology.h>

#include "cpus.h"

bool cpus_gone;

static unsigned int *ids, nr_ids;
static DEFINE_SPINLOCK(watch_lock);
static int *watched;
static int hotplug_state;

/* A thread that waits for another on its own CPU must be told from elsewhere. */
static int cpu_goes(unsigned int cpu)
{
	spin_lock(&watch_lock);
	WRITE_ONCE(cpus_gone, true);
	if (watched)
		WRITE_ONCE(*watched, 1);
	spin_unlock(&watch_lock);
	return 0;
}

void cpus_watch(int *stop)
{
	spin_lock(&watch_lock);
	watched = stop;
	if (stop)
		WRITE_ONCE(*stop, cpus_gone);
	spin_unlock(&watch_lock);
}

int cpus_init(void)
{
	hotplug_state = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN,
						  "dmapool_bench:online", NULL, cpu_goes);
	return min(hotplug_state, 0);
}

void cpus_exit(void)
{
	cpuhp_remove_state_nocalls(hotplug_state);
}

static bool is_first_of_core(unsigned int cpu)
{
	return cpumask_first(topology_sibling_cpumask(cpu)) == cpu;
}

int cpus_begin(void)
{
	unsigned int cpu;

	ids = kcalloc(num_possible_cpus(), sizeof(*ids), GFP_KERNEL);
	if (!ids)
		return -ENOMEM;
	nr_ids = 0;
	cpus_read_lock();
	WRITE_ONCE(cpus_gone, false);
	for_each_online_cpu(cpu)
		if (is_first_of_core(cpu))
			ids[nr_ids++] = cpu;
	for_each_online_cpu(cpu)
		if (!is_first_of_core(cpu))
			ids[nr_ids++] = cpu;
	cpus_read_unlock();
	return 0;
}

void cpus_end(void)
{
	kfree(ids);
	ids = NULL;
}

unsigned int cpus_nr(void)
{
	return nr_ids;
}

unsigned int cpus_nth(unsigned int i)
{
	return ids[i];
}
