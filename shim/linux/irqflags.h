/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stand-in for <linux/irqflags.h>.  In the checked build "interrupts" are signals
 * (see shim.h) and masking is a flag of the thread: a signal that finds it set is
 * remembered and run when the flag is cleared.  The benchmark build has no
 * interrupts, so masking is a compiler barrier; the kernel's pushf/cli/popf is a
 * cost that the kernel build measures.
 */
#ifndef SHIM_LINUX_IRQFLAGS_H
#define SHIM_LINUX_IRQFLAGS_H

#include <linux/compiler.h>
#include <linux/types.h>

#ifdef SHIM_CHECKED
extern __thread int shim_irqs_off;
extern __thread int shim_irq_pending;
void shim_irq_run_pending(void);

static inline unsigned long shim_irq_save(void)
{
	unsigned long flags = shim_irqs_off;

	WRITE_ONCE(shim_irqs_off, 1);
	barrier();
	return flags;
}

static inline void shim_irq_restore(unsigned long flags)
{
	barrier();
	WRITE_ONCE(shim_irqs_off, flags);
	barrier();
	if (!flags && unlikely(READ_ONCE(shim_irq_pending)))
		shim_irq_run_pending();
}

static inline bool irqs_disabled(void)
{
	return shim_irqs_off;
}
#else
static inline unsigned long shim_irq_save(void)
{
	barrier();
	return 0;
}

static inline void shim_irq_restore(unsigned long flags)
{
	(void)flags;
	barrier();
}

static inline bool irqs_disabled(void)
{
	return false;
}
#endif

#define local_irq_save(flags)		((flags) = shim_irq_save())
#define local_irq_restore(flags)	shim_irq_restore(flags)
#define local_irq_disable()		((void)shim_irq_save())
#define local_irq_enable()		shim_irq_restore(0)

#endif
