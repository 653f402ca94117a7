// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory with one copy a CPU: NR_CPUS areas of one shape, reserved once, cut into
 * cache lines first fit.  Each CPU's area is its own pages, which come from the node
 * of whoever touches them first: as a rule the CPU's own thread.
 */
#include <linux/cache.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <string.h>
#include <sys/mman.h>

#include "internal.h"

#define LINES	(SHIM_PERCPU_UNIT / SMP_CACHE_BYTES)

/* Lines of an object: its length in the first entry, -1 in the others, 0 is free. */
static int used[LINES];
static char *area;
static DEFINE_MUTEX(percpu_lock);

static bool reserve_areas(void)
{
	void *p;

	if (area)
		return true;
	p = mmap(NULL, num_possible_cpus() * SHIM_PERCPU_UNIT, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return false;
	area = p;
	return true;
}

static int first_fit(int want)
{
	int run = 0;

	for (int i = 0; i < (int)LINES; i++) {
		run = used[i] ? 0 : run + 1;
		if (run == want)
			return i - want + 1;
	}
	return -1;
}

void *shim_alloc_percpu(size_t size)
{
	int want = DIV_ROUND_UP(size, SMP_CACHE_BYTES);
	char *p = NULL;
	int at;

	if (shim_should_fail())
		return NULL;
	mutex_lock(&percpu_lock);
	at = reserve_areas() ? first_fit(want) : -1;
	if (at >= 0) {
		used[at] = want;
		for (int i = 1; i < want; i++)
			used[at + i] = -1;
		p = area + (size_t)at * SMP_CACHE_BYTES;
	}
	mutex_unlock(&percpu_lock);
	return p;
}

/* Areas are zero when fresh, and zeroed here: allocating touches no other CPU's. */
void free_percpu(void *p)
{
	int at, len, cpu;

	if (!p)
		return;
	mutex_lock(&percpu_lock);
	at = ((char *)p - area) / SMP_CACHE_BYTES;
	len = used[at];
	for_each_possible_cpu(cpu)
		memset(per_cpu_ptr(p, cpu), 0, (size_t)len * SMP_CACHE_BYTES);
	for (int i = 0; i < len; i++)
		used[at + i] = 0;
	mutex_unlock(&percpu_lock);
}
