/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stand-in for <linux/wait.h>, as far as pools slept: up to 3.7 one that found no memory
 * waited here for a free or a tenth of a second.  Entries wake their task and nothing
 * else, and there are no bit waits and no polling.
 */
#ifndef SHIM_LINUX_WAIT_H
#define SHIM_LINUX_WAIT_H

#include <linux/list.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#define WQ_FLAG_EXCLUSIVE	0x01

struct wait_queue_entry {
	unsigned int flags;
	struct task_struct *task;
	struct list_head entry;
};

struct wait_queue_head {
	spinlock_t lock;
	struct list_head head;
};

typedef struct wait_queue_head wait_queue_head_t;
typedef struct wait_queue_entry wait_queue_entry_t;
typedef struct wait_queue_entry wait_queue_t;		/* up to 4.12 */

#define DECLARE_WAITQUEUE(name, sleeper) \
	struct wait_queue_entry name = { .task = (sleeper) }
#define DEFINE_WAIT(name) \
	struct wait_queue_entry name = {				\
		.task = current,					\
		.entry = LIST_HEAD_INIT((name).entry),			\
	}
#define DECLARE_WAIT_QUEUE_HEAD(name) \
	struct wait_queue_head name = { .head = LIST_HEAD_INIT((name).head) }

static inline void init_waitqueue_head(struct wait_queue_head *wq)
{
	spin_lock_init(&wq->lock);
	INIT_LIST_HEAD(&wq->head);
}

/* Without the lock: who joins at the same time may be missed. */
static inline bool waitqueue_active(struct wait_queue_head *wq)
{
	return !list_empty(&wq->head);
}

/* With two underscores, and "locked": the caller keeps others off the queue. */
static inline void __add_wait_queue(struct wait_queue_head *wq,
				    struct wait_queue_entry *wait)
{
	list_add(&wait->entry, &wq->head);
}

static inline void __remove_wait_queue(struct wait_queue_head *wq,
				       struct wait_queue_entry *wait)
{
	list_del(&wait->entry);
}

void add_wait_queue(struct wait_queue_head *wq, struct wait_queue_entry *wait);
void add_wait_queue_exclusive(struct wait_queue_head *wq, struct wait_queue_entry *wait);
void remove_wait_queue(struct wait_queue_head *wq, struct wait_queue_entry *wait);

/* Wakes everyone who is not exclusive, and so many who are; 0 is all. */
void shim_wake_up_locked(struct wait_queue_head *wq, unsigned int exclusive);
void shim_wake_up(struct wait_queue_head *wq, unsigned int exclusive);

#define wake_up_locked(wq)		shim_wake_up_locked(wq, 1)
#define wake_up_all_locked(wq)		shim_wake_up_locked(wq, 0)
#define wake_up(wq)			shim_wake_up(wq, 1)
#define wake_up_nr(wq, nr)		shim_wake_up(wq, nr)
#define wake_up_all(wq)			shim_wake_up(wq, 0)
#define wake_up_interruptible(wq)	shim_wake_up(wq, 1)
#define wake_up_interruptible_all(wq)	shim_wake_up(wq, 0)

/* In the queue and about to sleep; out of both. */
void prepare_to_wait(struct wait_queue_head *wq, struct wait_queue_entry *wait,
		     unsigned int state);
void finish_wait(struct wait_queue_head *wq, struct wait_queue_entry *wait);

/* The ticks that were left, at least 1, when it came true; 0 if it did not. */
#define wait_event_timeout(wq, truth, timeout) ({			\
	long __left = (timeout);					\
	bool __true;							\
	DEFINE_WAIT(__wait);						\
									\
	for (;;) {							\
		prepare_to_wait(&(wq), &__wait, TASK_UNINTERRUPTIBLE);	\
		__true = (truth);					\
		if (__true || !__left)					\
			break;						\
		__left = schedule_timeout(__left);			\
	}								\
	finish_wait(&(wq), &__wait);					\
	__true ? __left ?: 1 : 0; })
#define wait_event(wq, truth) \
	((void)wait_event_timeout(wq, truth, MAX_SCHEDULE_TIMEOUT))
#define wait_event_interruptible(wq, truth)	(wait_event(wq, truth), 0)

#endif
