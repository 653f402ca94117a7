/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stand-in for <linux/mm.h>: the page size, and the boot options init_on_alloc and
 * init_on_free.  Only the checked build has those two as switches: in the kernel
 * they are static keys, so a benchmark must not pay a load for them.
 */
#ifndef SHIM_LINUX_MM_H
#define SHIM_LINUX_MM_H

#include <linux/gfp.h>

#define PAGE_SHIFT	12
#define PAGE_SIZE	(1UL << PAGE_SHIFT)
#define PAGE_MASK	(~(PAGE_SIZE - 1))
#define PAGE_ALIGN(x)	(((x) + PAGE_SIZE - 1) & PAGE_MASK)

#ifdef SHIM_CHECKED
extern bool shim_init_on_alloc, shim_init_on_free;
#else
#define shim_init_on_alloc	false
#define shim_init_on_free	false
#endif

static inline bool want_init_on_alloc(gfp_t gfp)
{
	return shim_init_on_alloc || (gfp & __GFP_ZERO);
}

static inline bool want_init_on_free(void)
{
	return shim_init_on_free;
}

#endif
