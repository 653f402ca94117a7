/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Puts the tests between the pools and what they live on: the page source and the
 * shrinkers.  Included before everything else in every file of a test module, the
 * pool's own among them.
 */
#ifndef KMOD_KUNIT_SOURCE_H
#define KMOD_KUNIT_SOURCE_H

#include <linux/dma-mapping.h>
#include <linux/dmapool.h>
#include <linux/shrinker.h>
#include <linux/version.h>

/* objtool has a list of the functions that do not return, and ours are not on it. */
#define ENDS_TEST

/* What the tests call and the kernel's own pool lacks. */
#if defined(INTREE) && LINUX_VERSION_CODE < KERNEL_VERSION(6, 16, 0)
static inline struct dma_pool *dma_pool_create_node(const char *name, struct device *dev,
						    size_t size, size_t align,
						    size_t boundary, int node)
{
	return dma_pool_create(name, dev, size, align, boundary);
}
#endif

/* The names that a linker's --wrap gives in userspace, where pages.c has them from. */
void *__real_dma_alloc_coherent(struct device *dev, size_t size, dma_addr_t *handle,
				gfp_t gfp);
void __real_dma_free_coherent(struct device *dev, size_t size, void *vaddr,
			      dma_addr_t dma);
void *__wrap_dma_alloc_coherent(struct device *dev, size_t size, dma_addr_t *handle,
				gfp_t gfp);
void __wrap_dma_free_coherent(struct device *dev, size_t size, void *vaddr,
			      dma_addr_t dma);

/* The one shrinker of the pools here is kept for contract_shrink() while it is there. */
void source_shrinker_register(struct shrinker *shrinker);
void source_shrinker_free(struct shrinker *shrinker);

#ifndef SOURCE_ITSELF
#define dma_alloc_coherent	__wrap_dma_alloc_coherent
#define dma_free_coherent	__wrap_dma_free_coherent
#define shrinker_register	source_shrinker_register
#define shrinker_free		source_shrinker_free
#endif

#endif
