/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stand-in for <linux/sched.h>: the point at which a CPU looks after its work, and tasks,
 * which are the threads, going to sleep and being woken.  No signal ends a sleep.
 */
#ifndef SHIM_LINUX_SCHED_H
#define SHIM_LINUX_SCHED_H

#include <linux/jiffies.h>
#include <linux/preempt.h>
#include <pthread.h>

enum { TASK_RUNNING, TASK_INTERRUPTIBLE, TASK_UNINTERRUPTIBLE };

struct task_struct {
	pthread_mutex_t lock;		/* of what is below */
	pthread_cond_t woken;
	unsigned int __state;
};

extern __thread struct task_struct shim_task;

#define current		(&shim_task)

/*
 * A task says that it is about to sleep, looks once more whether it has to, and calls
 * schedule(), which returns at once if somebody has woken the task in between.
 */
void set_current_state(unsigned int state);
#define __set_current_state(state)	set_current_state(state)

#define MAX_SCHEDULE_TIMEOUT	LONG_MAX

/* The ticks that were left when it was woken.  May sleep, as all of these. */
long schedule_timeout(long timeout);
long schedule_timeout_uninterruptible(long timeout);
void schedule(void);

/* False if it was not asleep.  Any context. */
bool wake_up_process(struct task_struct *task);

/* Work queued for this CPU is done here. */
void shim_run_cpu_work(void);

static inline void cond_resched(void)
{
	might_sleep();
	shim_run_cpu_work();
}

static inline bool signal_pending(struct task_struct *task)
{
	return false;
}

#endif
