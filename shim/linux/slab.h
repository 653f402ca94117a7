/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stand-in for <linux/slab.h> over malloc.  Safe in interrupts like the kernel's:
 * they are masked around libc.  Obeys shim_fail_nth(); counted in the checked build.
 */
#ifndef SHIM_LINUX_SLAB_H
#define SHIM_LINUX_SLAB_H

#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/nodemask_types.h>
#include <linux/overflow.h>

void *kmalloc(size_t size, gfp_t gfp);
void kfree(const void *p);

static inline void *kzalloc(size_t size, gfp_t gfp)
{
	return kmalloc(size, gfp | __GFP_ZERO);
}

/* The node is a hint; a machine's first-touch policy decides here. */
static inline void *kmalloc_node(size_t size, gfp_t gfp, int node)
{
	(void)node;
	return kmalloc(size, gfp);
}

static inline void *kzalloc_node(size_t size, gfp_t gfp, int node)
{
	return kmalloc_node(size, gfp | __GFP_ZERO, node);
}

/* NULL where so many are more than there can be. */
static inline void *kmalloc_array(size_t n, size_t size, gfp_t gfp)
{
	size_t bytes;

	return check_mul_overflow(n, size, &bytes) ? NULL : kmalloc(bytes, gfp);
}

static inline void *kcalloc(size_t n, size_t size, gfp_t gfp)
{
	return kmalloc_array(n, size, gfp | __GFP_ZERO);
}

#define kmalloc_array_node(n, size, gfp, node) \
	((void)(node), kmalloc_array(n, size, gfp))
#define kcalloc_node(n, size, gfp, node)	((void)(node), kcalloc(n, size, gfp))

/* By the type of what is to be there, as since 7.0; without flags GFP_KERNEL. */
#define SHIM_GFP_GIVEN(unused, gfp, ...)	(gfp)
#define shim_default_gfp(...)	SHIM_GFP_GIVEN(, ##__VA_ARGS__, GFP_KERNEL)
#define kmalloc_obj(what, ...) \
	((typeof(what) *)kmalloc(sizeof(what), shim_default_gfp(__VA_ARGS__)))
#define kzalloc_obj(what, ...) \
	((typeof(what) *)kzalloc(sizeof(what), shim_default_gfp(__VA_ARGS__)))
#define kmalloc_objs(what, n, ...) \
	((typeof(what) *)kmalloc_array(n, sizeof(what), shim_default_gfp(__VA_ARGS__)))
#define kzalloc_objs(what, n, ...) \
	((typeof(what) *)kcalloc(n, sizeof(what), shim_default_gfp(__VA_ARGS__)))

/* Everything is virtually mapped here. */
#define kvmalloc(size, gfp)		kmalloc(size, gfp)
#define kvzalloc(size, gfp)		kzalloc(size, gfp)
#define kvmalloc_array(n, size, gfp)	kmalloc_array(n, size, gfp)
#define kvcalloc(n, size, gfp)		kcalloc(n, size, gfp)
#define kvfree(p)			kfree(p)

static inline void shim_free_pointer(const void *p)
{
	if (!IS_ERR(p))
		kfree(p);
}

DEFINE_FREE(kfree, void *, shim_free_pointer(_T))
DEFINE_FREE(kvfree, void *, shim_free_pointer(_T))

/* A cache keeps nothing back here: what its objects cost is what kmalloc() costs. */
#define SLAB_HWCACHE_ALIGN	0x2000u
#define SLAB_PANIC		0x40000u

struct kmem_cache;

struct kmem_cache *kmem_cache_create(const char *name, unsigned int size,
				     unsigned int align, unsigned int flags,
				     void (*ctor)(void *object));
/* Objects that are still out WARN, and stay where they are. */
void kmem_cache_destroy(struct kmem_cache *cache);

void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp);
void kmem_cache_free(struct kmem_cache *cache, void *object);

#define KMEM_CACHE(name, flags)						\
	kmem_cache_create(#name, sizeof(struct name),			\
			  __alignof__(struct name), flags, NULL)
#define kmem_cache_zalloc(cache, gfp)	kmem_cache_alloc(cache, (gfp) | __GFP_ZERO)
#define kmem_cache_alloc_node(cache, gfp, node) \
	((void)(node), kmem_cache_alloc(cache, gfp))

#endif
