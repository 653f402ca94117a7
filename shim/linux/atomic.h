/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/atomic.h>: the operations in use, with the kernel's ordering. */
#ifndef SHIM_LINUX_ATOMIC_H
#define SHIM_LINUX_ATOMIC_H

#include <asm/barrier.h>

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	long counter;
} atomic_long_t;

/* Without a return value: unordered, as in the kernel.  With one: fully ordered. */
#define atomic_read(v)		READ_ONCE((v)->counter)
#define atomic_set(v, i)	WRITE_ONCE((v)->counter, (i))
#define atomic_inc(v) \
	((void)__atomic_fetch_add(&(v)->counter, 1, __ATOMIC_RELAXED))
#define atomic_inc_return(v) \
	__atomic_add_fetch(&(v)->counter, 1, __ATOMIC_SEQ_CST)

#define atomic_long_read(v)	atomic_read(v)
#define atomic_long_inc(v)	atomic_inc(v)
#define atomic_long_dec(v) \
	((void)__atomic_fetch_sub(&(v)->counter, 1, __ATOMIC_RELAXED))

#endif
