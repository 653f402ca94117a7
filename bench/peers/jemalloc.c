// SPDX-License-Identifier: GPL-2.0-only
/*
 * jemalloc, by its archive: loaded later it would lack room for its thread-local data,
 * and linked as a library it would be everybody's malloc.  Freed without the size,
 * though a pool knows it: with it the first block of a page goes the slow way.
 */
#include <jemalloc/jemalloc.h>

#include "peer.h"

static inline bool peer_init(void)
{
	return true;
}

static inline void *peer_alloc(size_t size)
{
	return malloc(size);
}

static inline void *peer_alloc_aligned(size_t align, size_t size)
{
	return mallocx(size, MALLOCX_ALIGN(align));
}

static inline void peer_free(void *vaddr)
{
	free(vaddr);
}

#include "malloc.h"
