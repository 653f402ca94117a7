/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stand-in for <linux/dmapool.h>.  Kernels differ in which of the two create calls
 * is a function and which an inline; both are functions here: variants/create.c or
 * create_node.c has the one that a dmapool.c lacks.
 */
#ifndef SHIM_LINUX_DMAPOOL_H
#define SHIM_LINUX_DMAPOOL_H

#include <linux/gfp.h>
#include <linux/nodemask_types.h>

struct device;
struct dma_pool;

struct dma_pool *dma_pool_create(const char *name, struct device *dev,
				 size_t size, size_t align, size_t boundary);
struct dma_pool *dma_pool_create_node(const char *name, struct device *dev,
				      size_t size, size_t align,
				      size_t boundary, int node);
void dma_pool_destroy(struct dma_pool *pool);

void *dma_pool_alloc(struct dma_pool *pool, gfp_t gfp, dma_addr_t *handle);
void dma_pool_free(struct dma_pool *pool, void *vaddr, dma_addr_t dma);

struct dma_pool *dmam_pool_create(const char *name, struct device *dev,
				  size_t size, size_t align, size_t boundary);
void dmam_pool_destroy(struct dma_pool *pool);

static inline void *dma_pool_zalloc(struct dma_pool *pool, gfp_t gfp,
				    dma_addr_t *handle)
{
	return dma_pool_alloc(pool, gfp | __GFP_ZERO, handle);
}

#endif
