/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stand-in for <linux/compiler.h>.  READ_ONCE and WRITE_ONCE are relaxed
 * atomics, the same instructions as the kernel's volatile accesses on every
 * machine we run on, and the form ThreadSanitizer understands.
 */
#ifndef SHIM_LINUX_COMPILER_H
#define SHIM_LINUX_COMPILER_H

#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)
#define barrier()	__asm__ __volatile__("" : : : "memory")

#undef __always_inline
#define __always_inline	inline __attribute__((__always_inline__))
#define __percpu
#define __rcu
#define __force
#define __user
#define __iomem
#define __acquires(lock)
#define __releases(lock)
#define __must_hold(lock)
#define __must_check	__attribute__((__warn_unused_result__))
#define __maybe_unused	__attribute__((__unused__))
#define __always_unused	__attribute__((__unused__))
#define __cold		__attribute__((__cold__))
#define __aligned(n)	__attribute__((__aligned__(n)))
#define __packed	__attribute__((__packed__))
#define __printf(a, b)	__attribute__((__format__(printf, a, b)))
#define __section(name)	__attribute__((__section__(name)))
#define __used		__attribute__((__used__))
#define __weak		__attribute__((__weak__))
#define noinline	__attribute__((__noinline__))
#define fallthrough	__attribute__((__fallthrough__))

#define READ_ONCE(x)		__atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, v)	__atomic_store_n(&(x), (v), __ATOMIC_RELAXED)

#define SHIM_CAT_(a, b)	a##b
#define SHIM_CAT(a, b)	SHIM_CAT_(a, b)
#define __UNIQUE_ID(prefix)	SHIM_CAT(prefix, __COUNTER__)

#endif
