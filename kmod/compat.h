/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What kernels since 6.1 differ in, and how messages begin; included before everything
 * else in every file of the modules.
 */
#ifndef KMOD_COMPAT_H
#define KMOD_COMPAT_H

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/timex.h>
#include <linux/version.h>
#include <linux/workqueue.h>

/*
 * Which of the two create calls is a function and which an inline changed in 6.16.  The
 * kernel's own pool is called as its header has it; for a variant, which may be the
 * dmapool.c of another kernel, both are functions: variants/create.c or create_node.c
 * has the one that it lacks.
 */
#ifndef INTREE
#define dma_pool_create	dma_pool_create_of_kernel
#include <linux/dmapool.h>
#undef dma_pool_create

struct dma_pool *dma_pool_create(const char *name, struct device *dev, size_t size,
				 size_t align, size_t boundary);
struct dma_pool *dma_pool_create_node(const char *name, struct device *dev,
				      size_t size, size_t align, size_t boundary,
				      int node);
#endif

/* That works run on the CPU they are queued on was every queue's way until 6.17. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
#define WQ_PERCPU	0
#endif

/* Shrinkers were memory of the caller's until 6.7. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
static inline struct shrinker *shrinker_alloc(unsigned int flags, const char *name)
{
	struct shrinker *shrinker = kzalloc(sizeof(*shrinker), GFP_KERNEL);

	if (shrinker) {
		shrinker->flags = flags;
		shrinker->seeks = DEFAULT_SEEKS;
	}
	return shrinker;
}

/* One that cannot be registered, for want of memory, is never called. */
static inline void shrinker_register(struct shrinker *shrinker)
{
	if (register_shrinker(shrinker, KBUILD_MODNAME))
		pr_warn("no shrinker: out of memory\n");
}

static inline void shrinker_free(struct shrinker *shrinker)
{
	unregister_shrinker(shrinker);
	kfree(shrinker);
}
#endif

/* User Mode Linux leaves get_cycles() at zero, but its instructions are the host's. */
#ifdef CONFIG_UML_X86
#define get_cycles()	__builtin_ia32_rdtsc()
#endif

#endif
