/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stand-in for <linux/preempt.h>.  A thread is its CPU, so nothing preempts it and
 * the benchmark build counts nothing; the checked build counts, and reports code
 * that may sleep where it must not.
 */
#ifndef SHIM_LINUX_PREEMPT_H
#define SHIM_LINUX_PREEMPT_H

#include <linux/irqflags.h>

#ifdef SHIM_CHECKED
extern __thread int shim_preempt_count;
void shim_might_sleep(const char *file, int line);

#define preempt_disable()	do { shim_preempt_count++; barrier(); } while (0)
#define preempt_enable()	do { barrier(); shim_preempt_count--; } while (0)
#define might_sleep()		shim_might_sleep(__FILE__, __LINE__)
bool in_interrupt(void);
#else
#define preempt_disable()	barrier()
#define preempt_enable()	barrier()
#define might_sleep()		((void)0)
#define in_interrupt()		false
#endif

#define might_sleep_if(truth)		\
	do {				\
		if (truth)		\
			might_sleep();	\
	} while (0)

#endif
