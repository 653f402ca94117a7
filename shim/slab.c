// SPDX-License-Identifier: GPL-2.0-only
/* kmalloc and object caches over libc's malloc. */
#include <limits.h>
#include <linux/cache.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <malloc.h>
#include <stdlib.h>

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

static void *aligned(size_t size, size_t align)
{
	void *p;

	if (align <= __alignof__(max_align_t))
		return malloc(size);
	return posix_memalign(&p, align, size) ? NULL : p;
}

static void *allocate(size_t size, size_t align, gfp_t gfp)
{
	unsigned long flags;
	void *p;

	might_alloc(gfp);
	if (shim_should_fail())
		return NULL;
	local_irq_save(flags);
	p = aligned(size, align);
	local_irq_restore(flags);
	if (p && (gfp & __GFP_ZERO))
		memset(p, 0, size);
	return p;
}

static void release(const void *p)
{
	unsigned long flags;

	local_irq_save(flags);
	free((void *)p);
	local_irq_restore(flags);
}

/* From a cache line's size up, aligned to one, as nearly all kmalloc caches are. */
void *kmalloc(size_t size, gfp_t gfp)
{
	void *p = allocate(size, size < SMP_CACHE_BYTES ? 1 : SMP_CACHE_BYTES, gfp);

	if (p)
		count(1);
	return p;
}

void kfree(const void *p)
{
	if (!p)
		return;
	count(-1);
	release(p);
}

char *kstrdup(const char *text, gfp_t gfp)
{
	char *copy = text ? kmalloc(strlen(text) + 1, gfp) : NULL;

	return copy ? strcpy(copy, text) : NULL;
}

struct kmem_cache {
	unsigned int size, align;
	void (*ctor)(void *object);
	long out;			/* objects */
};

struct kmem_cache *kmem_cache_create(const char *name, unsigned int size,
				     unsigned int align, unsigned int flags,
				     void (*ctor)(void *object))
{
	struct kmem_cache *cache = allocate(sizeof(*cache), 1, GFP_KERNEL);

	if (!cache)
		return NULL;
	if (flags & SLAB_HWCACHE_ALIGN)
		align = max_t(unsigned int, align, SMP_CACHE_BYTES);
	*cache = (struct kmem_cache) { .size = size, .align = align, .ctor = ctor };
	return cache;
}

void kmem_cache_destroy(struct kmem_cache *cache)
{
	if (cache && !WARN_ON(READ_ONCE(cache->out)))
		release(cache);
}

void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp)
{
	void *object = allocate(cache->size, cache->align, gfp);

	if (!object)
		return NULL;
	__atomic_add_fetch(&cache->out, 1, __ATOMIC_RELAXED);
	if (cache->ctor)
		cache->ctor(object);
	return object;
}

void kmem_cache_free(struct kmem_cache *cache, void *object)
{
	__atomic_sub_fetch(&cache->out, 1, __ATOMIC_RELAXED);
	release(object);
}
