// SPDX-License-Identifier: GPL-2.0-only
/*
 * mimalloc.  Debian has no archive of it, and linked as a library it would be
 * everybody's malloc: it is loaded, for itself alone, and called by pointers.  That
 * costs what a call into any shared library does, a predicted indirect jump.
 */
#include <dlfcn.h>
#include <stdio.h>

#include "peer.h"

static void *(*mi_malloc)(size_t size);
static void *(*mi_malloc_aligned)(size_t size, size_t align);
static void (*mi_free)(void *vaddr);

static bool peer_init(void)
{
	static void *library;

	if (library)
		return true;
	library = dlopen("libmimalloc.so.2", RTLD_NOW | RTLD_LOCAL);
	if (!library) {
		fprintf(stderr, "peer-mimalloc: %s: make deps PEERS=1\n", dlerror());
		return false;
	}
	mi_malloc = dlsym(library, "mi_malloc");
	mi_malloc_aligned = dlsym(library, "mi_malloc_aligned");
	mi_free = dlsym(library, "mi_free");
	return mi_malloc && mi_malloc_aligned && mi_free;
}

static inline void *peer_alloc(size_t size)
{
	return mi_malloc(size);
}

static inline void *peer_alloc_aligned(size_t align, size_t size)
{
	return mi_malloc_aligned(size, align);
}

static inline void peer_free(void *vaddr)
{
	mi_free(vaddr);
}

#include "malloc.h"
