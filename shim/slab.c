// SPDX-License-Identifier: GPL-2.0-only
/* kmalloc over libc's malloc. */
#include <limits.h>
#include <linux/cache.h>
#include <linux/irqflags.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "shim.h"

#ifdef SHIM_CHECKED
static long outstanding;
#define count(n) __atomic_add_fetch(&outstanding, (n), __ATOMIC_RELAXED)

long shim_kmalloc_outstanding(void)
{
	return __atomic_load_n(&outstanding, __ATOMIC_RELAXED);
}
#else
#define count(n) ((void)(n))
#endif

/*
 * The kernel's memory is mapped, used or not: what libc got from the system it keeps,
 * so that no pool pays a page fault for memory that another freed.
 */
static __attribute__((constructor)) void keep_memory(void)
{
	mallopt(M_TRIM_THRESHOLD, INT_MAX);
	mallopt(M_MMAP_MAX, 0);
}

/* From a cache line's size up, aligned to one, as nearly all kmalloc caches are. */
static void *aligned(size_t size)
{
	void *p;

	if (size < SMP_CACHE_BYTES)
		return malloc(size);
	return posix_memalign(&p, SMP_CACHE_BYTES, size) ? NULL : p;
}

void *kmalloc(size_t size, gfp_t gfp)
{
	unsigned long flags;
	void *p;

	might_alloc(gfp);
	if (shim_should_fail())
		return NULL;
	local_irq_save(flags);
	p = aligned(size);
	local_irq_restore(flags);
	if (p && (gfp & __GFP_ZERO))
		memset(p, 0, size);
	if (p)
		count(1);
	return p;
}

void kfree(const void *p)
{
	unsigned long flags;

	if (!p)
		return;
	count(-1);
	local_irq_save(flags);
	free((void *)p);
	local_irq_restore(flags);
}
