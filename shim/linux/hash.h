/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/hash.h>: multiplication by 2^64 over the golden ratio. */
#ifndef SHIM_LINUX_HASH_H
#define SHIM_LINUX_HASH_H

#include <linux/types.h>

static inline u32 hash_64(u64 value, unsigned int bits)
{
	return value * 0x61c8864680b583ebULL >> (64 - bits);
}

#endif
