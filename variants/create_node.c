// SPDX-License-Identifier: GPL-2.0-only
/*
 * dma_pool_create_node() for a dmapool.c of before 6.16, which has no such call.  Weak,
 * as in fallback.c.
 */
#include <linux/compiler.h>
#include <linux/dmapool.h>

__weak struct dma_pool *dma_pool_create_node(const char *name, struct device *dev,
					     size_t size, size_t align,
					     size_t boundary, int node)
{
	(void)node;
	return dma_pool_create(name, dev, size, align, boundary);
}
