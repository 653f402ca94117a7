// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUs are threads: their numbers, the online map, and what hotplug runs when one
 * goes away.
 */
#include <errno.h>
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/bug.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "internal.h"
#include "shim.h"

#define MAX_STATES 16

struct hp_state {
	cpuhp_fn startup;
	cpuhp_fn teardown;
	bool used;
};

__thread int shim_this_cpu;
__thread unsigned long shim_percpu_offset;

static __thread bool registered;
static bool online[NR_CPUS];
static unsigned int nr_online;
static struct hp_state states[MAX_STATES];

/* Orders hotplug against states coming and going, as the kernel's cpus_lock does. */
static DEFINE_MUTEX(hotplug_lock);

static pthread_key_t exit_key;
static pthread_once_t exit_once = PTHREAD_ONCE_INIT;

static void thread_exit(void *unused)
{
	(void)unused;
	shim_cpu_down();
}

static void make_exit_key(void)
{
	pthread_key_create(&exit_key, thread_exit);
}

void cpus_read_lock(void)
{
	mutex_lock(&hotplug_lock);
}

void cpus_read_unlock(void)
{
	mutex_unlock(&hotplug_lock);
}

bool cpu_online(unsigned int cpu)
{
	return READ_ONCE(online[cpu]);
}

unsigned int num_online_cpus(void)
{
	return READ_ONCE(nr_online);
}

static int lowest_free_cpu(void)
{
	int cpu;

	for (cpu = 0; cpu < SHIM_WORKER_CPU; cpu++)
		if (!online[cpu])
			return cpu;
	return -EAGAIN;
}

/* A thread comes and goes whatever a callback says, so none may fail. */
static void call(const struct hp_state *state, cpuhp_fn fn, int cpu)
{
	if (state->used && fn)
		WARN_ON(fn(cpu));
}

static void run_startups(int cpu)
{
	for (int i = 0; i < MAX_STATES; i++)
		call(&states[i], states[i].startup, cpu);
}

static void run_teardowns(int cpu)
{
	for (int i = MAX_STATES - 1; i >= 0; i--)
		call(&states[i], states[i].teardown, cpu);
}

static void set_online(int cpu, bool up)
{
	WRITE_ONCE(online[cpu], up);
	WRITE_ONCE(nr_online, nr_online + (up ? 1 : -1));
}

void shim_set_this_cpu(int cpu)
{
	shim_this_cpu = cpu;
	shim_percpu_offset = (unsigned long)cpu * SHIM_PERCPU_UNIT;
}

/* hotplug_lock held. */
static void bring_up(int cpu)
{
	shim_set_this_cpu(cpu);
	registered = true;
	urcu_memb_register_thread();
	shim_cpu_busy();
	run_startups(cpu);
	set_online(cpu, true);
	pthread_setspecific(exit_key, &registered);
}

int shim_cpu_up(void)
{
	int cpu;

	if (registered)
		return shim_this_cpu;
	pthread_once(&exit_once, make_exit_key);

	mutex_lock(&hotplug_lock);
	cpu = lowest_free_cpu();
	if (cpu >= 0)
		bring_up(cpu);
	mutex_unlock(&hotplug_lock);
	return cpu;
}

void shim_cpu_up_as(int cpu)
{
	pthread_once(&exit_once, make_exit_key);
	mutex_lock(&hotplug_lock);
	bring_up(cpu);
	mutex_unlock(&hotplug_lock);
}

void shim_cpu_down(void)
{
	if (!registered)
		return;
	/* Whoever holds the lock may be waiting for this CPU's work. */
	shim_cpu_idle();
	mutex_lock(&hotplug_lock);
	shim_cpu_busy();
	set_online(shim_this_cpu, false);
	run_teardowns(shim_this_cpu);
	shim_cpu_idle();
	urcu_memb_unregister_thread();
	registered = false;
	pthread_setspecific(exit_key, NULL);
	mutex_unlock(&hotplug_lock);
}

/* Dynamic states are numbered from CPUHP_BP_PREPARE_DYN up, one a slot. */
int cpuhp_setup_state_nocalls(enum cpuhp_state state, const char *name,
			      cpuhp_fn startup, cpuhp_fn teardown)
{
	int ret = -ENOSPC;

	(void)name;
	if (state != CPUHP_BP_PREPARE_DYN)
		return -EINVAL;
	mutex_lock(&hotplug_lock);
	for (int i = 0; i < MAX_STATES; i++) {
		if (states[i].used)
			continue;
		states[i] = (struct hp_state) { startup, teardown, true };
		ret = CPUHP_BP_PREPARE_DYN + i;
		break;
	}
	mutex_unlock(&hotplug_lock);
	return ret;
}

void cpuhp_remove_state_nocalls(int state)
{
	mutex_lock(&hotplug_lock);
	states[state - CPUHP_BP_PREPARE_DYN].used = false;
	mutex_unlock(&hotplug_lock);
}
