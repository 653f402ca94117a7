// SPDX-License-Identifier: GPL-2.0-only
/*
 * gperftools' tcmalloc, the minimal one without profilers, by its archive: linked as a
 * library it would be everybody's malloc.
 */
#include <gperftools/tcmalloc.h>

#include "peer.h"

static inline bool peer_init(void)
{
	return true;
}

static inline void *peer_alloc(size_t size)
{
	return tc_malloc(size);
}

static inline void *peer_alloc_aligned(size_t align, size_t size)
{
	return tc_memalign(align, size);
}

static inline void peer_free(void *vaddr)
{
	tc_free(vaddr);
}

#include "malloc.h"
