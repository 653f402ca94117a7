/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/cache.h>. */
#ifndef SHIM_LINUX_CACHE_H
#define SHIM_LINUX_CACHE_H

#define SMP_CACHE_BYTES	64
#define ____cacheline_aligned __attribute__((__aligned__(SMP_CACHE_BYTES)))

#endif
