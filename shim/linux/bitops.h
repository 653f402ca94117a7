/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/bitops.h>: atomic bits in arrays of long, and word searches. */
#ifndef SHIM_LINUX_BITOPS_H
#define SHIM_LINUX_BITOPS_H

#include <linux/kernel.h>

#define BITS_PER_LONG	64
#define BIT_WORD(n)	((n) / BITS_PER_LONG)
#define BIT_MASK(n)	(1UL << ((n) % BITS_PER_LONG))
#define BITS_TO_LONGS(n) DIV_ROUND_UP(n, BITS_PER_LONG)

static inline bool test_and_set_bit(unsigned long n, unsigned long *map)
{
	return __atomic_fetch_or(&map[BIT_WORD(n)], BIT_MASK(n), __ATOMIC_SEQ_CST) &
	       BIT_MASK(n);
}

static inline bool test_and_clear_bit(unsigned long n, unsigned long *map)
{
	return __atomic_fetch_and(&map[BIT_WORD(n)], ~BIT_MASK(n), __ATOMIC_SEQ_CST) &
	       BIT_MASK(n);
}

/* The lowest bit set, from 0; undefined for 0. */
static inline unsigned long __ffs(unsigned long word)
{
	return __builtin_ctzl(word);
}

static inline u64 rol64(u64 word, unsigned int shift)
{
	return word << (shift & 63) | word >> (-shift & 63);
}

static inline int fls64(u64 x)
{
	return x ? 64 - __builtin_clzll(x) : 0;
}

#endif
