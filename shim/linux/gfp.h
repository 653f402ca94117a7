/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/gfp.h>: the allocation flags pools are asked with. */
#ifndef SHIM_LINUX_GFP_H
#define SHIM_LINUX_GFP_H

#include <linux/compiler.h>
#include <linux/types.h>

#define __GFP_HIGH		0x020u
#define __GFP_IO		0x040u
#define __GFP_FS		0x080u
#define __GFP_ZERO		0x100u
#define __GFP_DIRECT_RECLAIM	0x400u
#define __GFP_KSWAPD_RECLAIM	0x800u

#define __GFP_NOWARN		0x2000u

#define GFP_ATOMIC	(__GFP_HIGH | __GFP_KSWAPD_RECLAIM)
#define GFP_NOWAIT	(__GFP_KSWAPD_RECLAIM)
#define GFP_KERNEL	(__GFP_DIRECT_RECLAIM | __GFP_KSWAPD_RECLAIM | \
			 __GFP_IO | __GFP_FS)

static inline bool gfpflags_allow_blocking(gfp_t gfp)
{
	return gfp & __GFP_DIRECT_RECLAIM;
}

#endif
