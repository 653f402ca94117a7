/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/timex.h>: the CPU's cycle counter, read in userspace. */
#ifndef SHIM_LINUX_TIMEX_H
#define SHIM_LINUX_TIMEX_H

#include <linux/types.h>

typedef u64 cycles_t;

static inline cycles_t get_cycles(void)
{
#if defined(__x86_64__)
	return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
	cycles_t t;

	__asm__ __volatile__("mrs %0, cntvct_el0" : "=r"(t));
	return t;
#else
#error "get_cycles(): name this machine's cycle counter here"
#endif
}

#endif
