/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/dma-map-ops.h>: every device is coherent and mapped directly. */
#ifndef SHIM_LINUX_DMA_MAP_OPS_H
#define SHIM_LINUX_DMA_MAP_OPS_H

#include <linux/dma-mapping.h>

static inline const struct dma_map_ops *get_dma_ops(struct device *dev)
{
	return NULL;
}

static inline bool dev_is_dma_coherent(struct device *dev)
{
	return true;
}

#endif
