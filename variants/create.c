// SPDX-License-Identifier: GPL-2.0-only
/*
 * dma_pool_create() for a dmapool.c that has only the _node call: since 6.16 it is an
 * inline in the kernel's header.  Weak, as in fallback.c.
 */
#include <linux/compiler.h>
#include <linux/dmapool.h>

__weak struct dma_pool *dma_pool_create(const char *name, struct device *dev,
					size_t size, size_t align, size_t boundary)
{
	return dma_pool_create_node(name, dev, size, align, boundary,
				    NUMA_NO_NODE);
}
