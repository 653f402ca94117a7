/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stand-in for <linux/rcupdate.h> over liburcu's memb flavour: readers that may be
 * anywhere, as in the kernel, and no barrier instruction in rcu_read_lock() where
 * the machine has membarrier(2).  ThreadSanitizer does not understand the library, so
 * it gets to see nothing of it, and is told the one edge that matters: a grace period
 * follows the readers before it.
 */
#ifndef SHIM_LINUX_RCUPDATE_H
#define SHIM_LINUX_RCUPDATE_H

#ifndef __SANITIZE_THREAD__
/* The readers' part inline. */
#define _LGPL_SOURCE
#endif
#include <urcu/urcu-memb.h>

#include <linux/compiler.h>
#include <linux/preempt.h>

#ifdef __SANITIZE_THREAD__
void __tsan_acquire(void *addr);
void __tsan_release(void *addr);
extern char shim_rcu_edge;
#define shim_rcu_reader_done()	__tsan_release(&shim_rcu_edge)
#define shim_rcu_readers_gone()	__tsan_acquire(&shim_rcu_edge)
#else
#define shim_rcu_reader_done()	barrier()
#define shim_rcu_readers_gone()	barrier()
#endif

/* liburcu's head, and what the kernel's call says to do; one or the other is set. */
struct shim_rcu_head {
	struct rcu_head urcu;
	void (*func)(struct shim_rcu_head *head);
	const void *object;
};

#define rcu_head shim_rcu_head

void shim_call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head));
void shim_rcu_barrier(void);
void shim_kfree_rcu(struct rcu_head *head, const void *object);

static inline void shim_rcu_read_lock(void)
{
	urcu_memb_read_lock();
}

static inline void shim_rcu_read_unlock(void)
{
	shim_rcu_reader_done();
	urcu_memb_read_unlock();
}

static inline void shim_synchronize_rcu(void)
{
	might_sleep();
	urcu_memb_synchronize_rcu();
	shim_rcu_readers_gone();
}

#undef rcu_read_lock
#undef rcu_read_unlock
#undef synchronize_rcu
#undef rcu_dereference
#undef rcu_assign_pointer
#define rcu_read_lock()		shim_rcu_read_lock()
#define rcu_read_unlock()	shim_rcu_read_unlock()
#define synchronize_rcu()	shim_synchronize_rcu()
#undef call_rcu
#undef rcu_barrier
#define call_rcu(head, func)	shim_call_rcu(head, func)
#define kfree_rcu(p, field)	shim_kfree_rcu(&(p)->field, p)
#define rcu_barrier()		shim_rcu_barrier()
#define rcu_dereference(p)	__atomic_load_n(&(p), __ATOMIC_ACQUIRE)
#define rcu_dereference_protected(p, held)	((void)(held), (p))
#define RCU_INIT_POINTER(p, v)	__atomic_store_n(&(p), (v), __ATOMIC_RELAXED)
#define rcu_assign_pointer(p, v) __atomic_store_n(&(p), (v), __ATOMIC_RELEASE)

#endif
