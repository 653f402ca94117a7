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

#endif
