/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a peer is: an allocator of another world behind <linux/dmapool.h>, measured by
 * the same workloads for reference.  Userspace code, built by PEERS=1 alone and linked
 * as a variant is: its symbols stay inside, so that the workloads call it directly and
 * nobody else's malloc changes.
 */
#ifndef PEERS_PEER_H
#define PEERS_PEER_H

#include <linux/compiler.h>
#include <linux/dmapool.h>
#include <linux/gfp.h>

#include "../../variants/dmapool_ext.h"

/*
 * Allocators do not know DMA addresses.  The cheapest way there could be is taken, as
 * with an IOMMU that maps all memory at a constant distance.
 */
#define PEER_DMA_OFFSET	0x1000000000000ULL

static inline dma_addr_t peer_dma(const void *vaddr)
{
	return (uintptr_t)vaddr + PEER_DMA_OFFSET;
}

#endif
