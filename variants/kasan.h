/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tells KASAN which blocks are free, so that it reports whoever still uses one; of itself
 * it sees but pages.  Part of frontend.h.  Not for checked pools, which look at their
 * free blocks themselves, and not for those without pages: their blocks are the page
 * allocator's, which tells KASAN, or the same one for everyone.
 */
#ifndef VARIANTS_KASAN_H
#define VARIANTS_KASAN_H

#include "core.h"

#if defined(CONFIG_KASAN_GENERIC) && defined(CONFIG_KASAN_VMALLOC) && \
	!defined(CORE_HAS_NO_PAGES)
#define POOL_KASAN	true

/* Exported to modules, but declared in mm/kasan/kasan.h, as the next two. */
void kasan_poison(const void *addr, size_t size, u8 value, bool init);
#define POOL_KASAN_FREE		0xff	/* reported as "use-after-free" */
#define POOL_KASAN_GRANULE	8

/* What lies between the core's own bytes and the next block, in whole granules. */
static void pool_kasan_mark(const struct pool_base *base, void *vaddr, u8 value)
{
	void *start = PTR_ALIGN(vaddr + CORE_LINK_BYTES, POOL_KASAN_GRANULE);
	void *end = PTR_ALIGN_DOWN(vaddr + base->size, POOL_KASAN_GRANULE);

	if (start < end)
		kasan_poison(start, end - start, value, false);
}
#else
#define POOL_KASAN	false
#define POOL_KASAN_FREE	0

static inline void pool_kasan_mark(const struct pool_base *base, void *vaddr, u8 value)
{
}
#endif

static inline void pool_kasan_out(const struct pool_base *base, void *vaddr)
{
	pool_kasan_mark(base, vaddr, 0);
}

static inline void pool_kasan_in(const struct pool_base *base, void *vaddr)
{
	pool_kasan_mark(base, vaddr, POOL_KASAN_FREE);
}

#endif
