/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stand-in for <linux/local_lock.h>: as on a kernel without PREEMPT_RT, taking a local
 * lock is masking interrupts and nothing else.
 */
#ifndef SHIM_LINUX_LOCAL_LOCK_H
#define SHIM_LINUX_LOCAL_LOCK_H

#include <linux/irqflags.h>
#include <linux/percpu.h>

typedef struct {
} local_lock_t;

#define local_lock_init(lock)			((void)(lock))
#define local_lock_irqsave(lock, flags)		((void)(lock), local_irq_save(flags))
#define local_unlock_irqrestore(lock, flags)	((void)(lock), local_irq_restore(flags))

#endif
