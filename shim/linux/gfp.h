/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stand-in for <linux/gfp.h>: the allocation flags pools are asked with.  Whether it may
 * sleep and whether to zero count; no other flag changes anything.
 */
#ifndef SHIM_LINUX_GFP_H
#define SHIM_LINUX_GFP_H

#include <linux/compiler.h>
#include <linux/types.h>

#define __GFP_DMA		0x001u
#define __GFP_DMA32		0x004u
#define __GFP_HIGH		0x020u
#define __GFP_IO		0x040u
#define __GFP_FS		0x080u
#define __GFP_ZERO		0x100u
#define __GFP_DIRECT_RECLAIM	0x400u
#define __GFP_KSWAPD_RECLAIM	0x800u
#define __GFP_NOWARN		0x2000u
#define __GFP_RETRY_MAYFAIL	0x4000u
#define __GFP_NOFAIL		0x8000u
#define __GFP_NORETRY		0x10000u
#define __GFP_COMP		0x40000u
#define __GFP_ACCOUNT		0x400000u

#define __GFP_RECLAIM	(__GFP_DIRECT_RECLAIM | __GFP_KSWAPD_RECLAIM)
/* Up to 4.3: it may sleep. */
#define __GFP_WAIT	__GFP_DIRECT_RECLAIM

#define GFP_ATOMIC	(__GFP_HIGH | __GFP_KSWAPD_RECLAIM)
#define GFP_NOWAIT	(__GFP_KSWAPD_RECLAIM)
#define GFP_NOIO	(__GFP_RECLAIM)
#define GFP_NOFS	(__GFP_RECLAIM | __GFP_IO)
#define GFP_KERNEL	(__GFP_RECLAIM | __GFP_IO | __GFP_FS)
#define GFP_DMA		(__GFP_DMA)
#define GFP_DMA32	(__GFP_DMA32)

static inline bool gfpflags_allow_blocking(gfp_t gfp)
{
	return gfp & __GFP_DIRECT_RECLAIM;
}

#endif
