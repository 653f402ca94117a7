/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/kmemleak.h>: AddressSanitizer looks for leaks here, untold. */
#ifndef SHIM_LINUX_KMEMLEAK_H
#define SHIM_LINUX_KMEMLEAK_H

#include <linux/gfp.h>

static inline void kmemleak_alloc(const void *p, size_t size, int min_count, gfp_t gfp)
{
}

static inline void kmemleak_free(const void *p)
{
}

static inline void kmemleak_not_leak(const void *p)
{
}

static inline void kmemleak_ignore(const void *p)
{
}

#endif
