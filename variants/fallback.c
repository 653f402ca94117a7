// SPDX-License-Identifier: GPL-2.0-only
/*
 * The calls of dmapool_ext.h, in terms of <linux/dmapool.h>.  All weak: a pool's own
 * definition takes their place when the two are linked.
 */
#include <linux/compiler.h>
#include <linux/dmapool.h>

#include "dmapool_ext.h"

__weak size_t dma_pool_alloc_bulk(struct dma_pool *pool, gfp_t gfp, size_t nr,
				  struct dma_pool_block *blocks)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		blocks[i].vaddr = dma_pool_alloc(pool, gfp, &blocks[i].dma);
		if (!blocks[i].vaddr)
			break;
	}
	return i;
}

__weak void dma_pool_free_bulk(struct dma_pool *pool, size_t nr,
			       const struct dma_pool_block *blocks)
{
	size_t i;

	for (i = 0; i < nr; i++)
		dma_pool_free(pool, blocks[i].vaddr, blocks[i].dma);
}

__weak bool dma_pool_set_debug(bool on)
{
	(void)on;
	return false;
}

__weak size_t dma_pool_bytes_stranded(struct dma_pool *pool)
{
	(void)pool;
	return 0;
}

__weak size_t dma_pool_trim(struct dma_pool *pool)
{
	(void)pool;
	return 0;
}
