/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <asm/barrier.h>: the kernel's ordering primitives as C11 atomics. */
#ifndef SHIM_ASM_BARRIER_H
#define SHIM_ASM_BARRIER_H

#include <linux/compiler.h>

/*
 * Before a clock is read: what came before is done.  The kernel's rmb() on x86 is
 * this instruction, too.
 */
#if defined(__x86_64__)
#define rmb()		__asm__ __volatile__("lfence" : : : "memory")
#elif defined(__aarch64__)
#define rmb()		__asm__ __volatile__("dsb ld\n\tisb" : : : "memory")
#endif

#define smp_mb()	__atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_rmb()	__atomic_thread_fence(__ATOMIC_ACQUIRE)
#define smp_wmb()	__atomic_thread_fence(__ATOMIC_RELEASE)

#define smp_load_acquire(p)	__atomic_load_n((p), __ATOMIC_ACQUIRE)
#define smp_store_release(p, v)	__atomic_store_n((p), (v), __ATOMIC_RELEASE)

#endif
