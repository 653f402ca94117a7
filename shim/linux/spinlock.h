/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stand-in for <linux/spinlock.h>: a lock with the shape of the kernel's queued
 * spinlock, because the lists' figures are its figures: one compare-and-exchange
 * when free, a byte store to unlock, the second CPU waits on the word (pending),
 * later ones in line on a cache line of their own.  Concurrency Kit's locks each
 * have another shape: its CAS lock lets the holder take it again past a waiter, its
 * MCS lock unlocks with an atomic, and neither yields when threads outnumber CPUs.
 */
#ifndef SHIM_LINUX_SPINLOCK_H
#define SHIM_LINUX_SPINLOCK_H

#include <linux/cleanup.h>
#include <linux/preempt.h>

#define SHIM_LOCK_NAME	"queued spinlock (pending bit, then MCS queue)"

/*
 * One word, three parts: bits 0-7 locked, 8-15 pending, 16-31 the queue's tail.
 * The parts are also stored to alone, by whoever owns them.
 */
typedef struct spinlock {
	union {
		u32 val;
		struct {
			u8 locked;
			u8 pending;
			u16 tail;
		};
		u16 locked_pending;
	};
} spinlock_t;

#define DEFINE_SPINLOCK(name)	spinlock_t name = { { 0 } }

void shim_spin_lock_slow(spinlock_t *lock, u32 val);

static inline void spin_lock_init(spinlock_t *lock)
{
	lock->val = 0;
}

/* Looks before it writes: a failed compare-and-exchange takes the line, too. */
static inline bool shim_spin_trylock(spinlock_t *lock)
{
	u32 free = READ_ONCE(lock->val);

	return !free && likely(__atomic_compare_exchange_n(&lock->val, &free, 1, false,
							   __ATOMIC_ACQUIRE,
							   __ATOMIC_RELAXED));
}

static inline bool spin_trylock(spinlock_t *lock)
{
	preempt_disable();
	if (shim_spin_trylock(lock))
		return true;
	preempt_enable();
	return false;
}

static inline void spin_lock(spinlock_t *lock)
{
	u32 val = 0;

	preempt_disable();
	if (likely(__atomic_compare_exchange_n(&lock->val, &val, 1, false,
					       __ATOMIC_ACQUIRE,
					       __ATOMIC_RELAXED)))
		return;
	shim_spin_lock_slow(lock, val);
}

static inline void spin_unlock(spinlock_t *lock)
{
	/* Pairs with every acquire above and in the slow path. */
	__atomic_store_n(&lock->locked, 0, __ATOMIC_RELEASE);
	preempt_enable();
}

#define spin_lock_irqsave(lock, flags)			\
	do {						\
		local_irq_save(flags);			\
		spin_lock(lock);			\
	} while (0)

static inline void spin_unlock_irqrestore(spinlock_t *lock, unsigned long flags)
{
	spin_unlock(lock);
	local_irq_restore(flags);
}

static inline void spin_lock_irq(spinlock_t *lock)
{
	local_irq_disable();
	spin_lock(lock);
}

static inline void spin_unlock_irq(spinlock_t *lock)
{
	spin_unlock(lock);
	local_irq_enable();
}

/* By whomever. */
static inline bool spin_is_locked(spinlock_t *lock)
{
	return READ_ONCE(lock->val);
}

#define spin_lock_nested(lock, subclass)	((void)(subclass), spin_lock(lock))

/* Nothing runs after interrupts here that masking them would not keep out. */
#define spin_lock_bh(lock)		spin_lock_irq(lock)
#define spin_unlock_bh(lock)		spin_unlock_irq(lock)

/* As without PREEMPT_RT: the same lock. */
typedef spinlock_t raw_spinlock_t;
#define DEFINE_RAW_SPINLOCK(name)	DEFINE_SPINLOCK(name)
#define raw_spin_lock_init(lock)	spin_lock_init(lock)
#define raw_spin_lock(lock)		spin_lock(lock)
#define raw_spin_unlock(lock)		spin_unlock(lock)
#define raw_spin_trylock(lock)		spin_trylock(lock)
#define raw_spin_lock_irq(lock)		spin_lock_irq(lock)
#define raw_spin_unlock_irq(lock)	spin_unlock_irq(lock)
#define raw_spin_lock_irqsave(lock, flags)	spin_lock_irqsave(lock, flags)
#define raw_spin_unlock_irqrestore(lock, flags)	spin_unlock_irqrestore(lock, flags)

#define SHIM_SPINLOCK_GUARDS(prefix, lock_type)				\
DEFINE_LOCK_GUARD_1(prefix##spinlock, lock_type,			\
		    spin_lock(_T->lock), spin_unlock(_T->lock))		\
DEFINE_LOCK_GUARD_1(prefix##spinlock_irq, lock_type,			\
		    spin_lock_irq(_T->lock), spin_unlock_irq(_T->lock))	\
DEFINE_LOCK_GUARD_1(prefix##spinlock_irqsave, lock_type,		\
		    spin_lock_irqsave(_T->lock, _T->flags),		\
		    spin_unlock_irqrestore(_T->lock, _T->flags),	\
		    unsigned long flags)

SHIM_SPINLOCK_GUARDS(, spinlock_t)
SHIM_SPINLOCK_GUARDS(raw_, raw_spinlock_t)

#endif
