// SPDX-License-Identifier: GPL-2.0-only
/*
 * The one of the two create calls that a dmapool.c lacks, in terms of the other.  Weak,
 * as in fallback.c.
 */
#include <linux/compiler.h>
#include <linux/dmapool.h>

/* Kernels before 6.16 have no _node; later ones have create as an inline over it. */
__weak struct dma_pool *dma_pool_create_node(const char *name, struct device *dev,
					     size_t size, size_t align,
					     size_t boundary, int node)
{
	(void)node;
	return dma_pool_create(name, dev, size, align, boundary);
}

__weak struct dma_pool *dma_pool_create(const char *name, struct device *dev,
					size_t size, size_t align, size_t boundary)
{
	return dma_pool_create_node(name, dev, size, align, boundary,
				    NUMA_NO_NODE);
}
