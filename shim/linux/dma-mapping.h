/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/dma-mapping.h>: coherent memory from a source in shim/dma/. */
#ifndef SHIM_LINUX_DMA_MAPPING_H
#define SHIM_LINUX_DMA_MAPPING_H

#include <linux/device.h>
#include <linux/gfp.h>

/*
 * Zeroed, on the device's node, aligned to the smallest power of two of pages that
 * holds it; sleeps only where gfp allows.
 */
void *dma_alloc_coherent(struct device *dev, size_t size, dma_addr_t *handle,
			 gfp_t gfp);
/*
 * Not with interrupts off, as in the kernel.  A block that was not handed out so, or
 * is no longer, WARNs and stays where it is.
 */
void dma_free_coherent(struct device *dev, size_t size, void *vaddr,
		       dma_addr_t dma);

/* No attribute changes what is had here. */
#define DMA_ATTR_WEAK_ORDERING		(1UL << 1)
#define DMA_ATTR_WRITE_COMBINE		(1UL << 2)
#define DMA_ATTR_NO_KERNEL_MAPPING	(1UL << 4)
#define DMA_ATTR_NO_WARN		(1UL << 8)

static inline void *dma_alloc_attrs(struct device *dev, size_t size,
				    dma_addr_t *handle, gfp_t gfp, unsigned long attrs)
{
	return dma_alloc_coherent(dev, size, handle, gfp);
}

static inline void dma_free_attrs(struct device *dev, size_t size, void *vaddr,
				  dma_addr_t dma, unsigned long attrs)
{
	dma_free_coherent(dev, size, vaddr, dma);
}

/* Up to 4.20: since then dma_alloc_coherent() always zeroes. */
static inline void *dma_zalloc_coherent(struct device *dev, size_t size,
					dma_addr_t *handle, gfp_t gfp)
{
	return dma_alloc_coherent(dev, size, handle, gfp | __GFP_ZERO);
}

#define DMA_BIT_MASK(bits)	(~0ULL >> (64 - (bits)))

#endif
