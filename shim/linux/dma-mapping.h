/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/dma-mapping.h>: coherent memory from a source in shim/dma/. */
#ifndef SHIM_LINUX_DMA_MAPPING_H
#define SHIM_LINUX_DMA_MAPPING_H

#include <linux/device.h>
#include <linux/gfp.h>

#define DMA_BIT_MASK(n)	((n) == 64 ? ~0ULL : (1ULL << (n)) - 1)

/* Zeroed, page aligned, on the device's node; sleeps only where gfp allows. */
void *dma_alloc_coherent(struct device *dev, size_t size, dma_addr_t *handle,
			 gfp_t gfp);
/* Not in interrupts, as in the kernel. */
void dma_free_coherent(struct device *dev, size_t size, void *vaddr,
		       dma_addr_t dma);

#endif
