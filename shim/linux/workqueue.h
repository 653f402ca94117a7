/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stand-in for <linux/workqueue.h>: one worker thread, a CPU of its own, for work that
 * may sleep, at once or after a grace period; and work for each CPU, which a thread
 * does at its next voluntary scheduling point (cond_resched(), going idle).
 */
#ifndef SHIM_LINUX_WORKQUEUE_H
#define SHIM_LINUX_WORKQUEUE_H

#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/rcupdate.h>

struct work_struct {
	struct list_head entry;
	void (*func)(struct work_struct *work);
	int cpu;		/* that runs it */
	bool pending;
};

struct rcu_work {
	struct work_struct work;
	struct rcu_head rcu;
};

/* All are the same here, but each has a name of its own in the kernel. */
struct workqueue_struct;
#define WQ_MEM_RECLAIM	0x8
#define WQ_PERCPU	0x100

/* NULL without memory.  May sleep. */
struct workqueue_struct *alloc_workqueue(const char *fmt, unsigned int flags,
					 int max_active, ...);
void destroy_workqueue(struct workqueue_struct *wq);

#define INIT_WORK(w, f)		((w)->func = (f), (w)->pending = false)
#define INIT_RCU_WORK(w, f)	INIT_WORK(&(w)->work, f)

static inline struct rcu_work *to_rcu_work(struct work_struct *work)
{
	return container_of(work, struct rcu_work, work);
}

/* Runs the work on that CPU; false if it was pending already.  Any context. */
bool queue_work_on(int cpu, struct workqueue_struct *wq, struct work_struct *work);
/* Returns when a pending work has run; false if there was none.  May sleep. */
bool flush_work(struct work_struct *work);

/* Runs the work after a grace period; false if it was pending already.  Any context. */
bool queue_rcu_work(struct workqueue_struct *wq, struct rcu_work *rwork);
bool flush_rcu_work(struct rcu_work *rwork);

#endif
