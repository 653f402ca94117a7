// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tasks that sleep and are woken, and the queues they wait in.  A CPU whose thread
 * sleeps is idle.
 */
#include <limits.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/wait.h>
#include <time.h>

#include "shim.h"

#define NSEC_PER_SEC	1000000000L
#define NSEC_PER_TICK	(NSEC_PER_SEC / HZ)

__thread struct task_struct shim_task = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.woken = PTHREAD_COND_INITIALIZER,
};

unsigned long shim_jiffies(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * HZ + now.tv_nsec / NSEC_PER_TICK;
}

/* Interrupts wake tasks, too. */
static unsigned long lock_task(struct task_struct *task)
{
	unsigned long flags;

	local_irq_save(flags);
	pthread_mutex_lock(&task->lock);
	return flags;
}

static void unlock_task(struct task_struct *task, unsigned long flags)
{
	pthread_mutex_unlock(&task->lock);
	local_irq_restore(flags);
}

void set_current_state(unsigned int state)
{
	unsigned long flags = lock_task(current);

	current->__state = state;
	unlock_task(current, flags);
}

bool wake_up_process(struct task_struct *task)
{
	unsigned long flags = lock_task(task);
	bool slept = task->__state != TASK_RUNNING;

	task->__state = TASK_RUNNING;
	pthread_cond_signal(&task->woken);
	unlock_task(task, flags);
	return slept;
}

static struct timespec moment(unsigned long tick)
{
	return (struct timespec) {
		.tv_sec = tick / HZ,
		.tv_nsec = tick % HZ * NSEC_PER_TICK,
	};
}

/* Until it is woken or the tick has come. */
static void sleep_until(unsigned long tick)
{
	struct timespec end = moment(tick);
	unsigned long flags = lock_task(current);

	while (current->__state != TASK_RUNNING && time_before(jiffies, tick))
		pthread_cond_clockwait(&current->woken, &current->lock, CLOCK_MONOTONIC,
				       &end);
	current->__state = TASK_RUNNING;
	unlock_task(current, flags);
}

long schedule_timeout(long timeout)
{
	/* As good as for ever, and a tick that there is. */
	unsigned long end = jiffies + min_t(long, timeout, INT_MAX), now;

	might_sleep();
	shim_cpu_idle();
	sleep_until(end);
	shim_cpu_busy();
	if (timeout == MAX_SCHEDULE_TIMEOUT)
		return timeout;
	now = jiffies;
	return time_before(now, end) ? end - now : 0;
}

long schedule_timeout_uninterruptible(long timeout)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	return schedule_timeout(timeout);
}

void schedule(void)
{
	schedule_timeout(MAX_SCHEDULE_TIMEOUT);
}

void add_wait_queue(struct wait_queue_head *wq, struct wait_queue_entry *wait)
{
	unsigned long flags;

	spin_lock_irqsave(&wq->lock, flags);
	__add_wait_queue(wq, wait);
	spin_unlock_irqrestore(&wq->lock, flags);
}

/* Behind all others, so that those are found first. */
void add_wait_queue_exclusive(struct wait_queue_head *wq, struct wait_queue_entry *wait)
{
	unsigned long flags;

	spin_lock_irqsave(&wq->lock, flags);
	wait->flags |= WQ_FLAG_EXCLUSIVE;
	list_add_tail(&wait->entry, &wq->head);
	spin_unlock_irqrestore(&wq->lock, flags);
}

void remove_wait_queue(struct wait_queue_head *wq, struct wait_queue_entry *wait)
{
	unsigned long flags;

	spin_lock_irqsave(&wq->lock, flags);
	__remove_wait_queue(wq, wait);
	spin_unlock_irqrestore(&wq->lock, flags);
}

void shim_wake_up_locked(struct wait_queue_head *wq, unsigned int exclusive)
{
	struct wait_queue_entry *wait;
	unsigned int woken = 0;

	list_for_each_entry(wait, &wq->head, entry) {
		if (!wake_up_process(wait->task) || !(wait->flags & WQ_FLAG_EXCLUSIVE))
			continue;
		if (++woken == exclusive)
			break;
	}
}

void shim_wake_up(struct wait_queue_head *wq, unsigned int exclusive)
{
	unsigned long flags;

	spin_lock_irqsave(&wq->lock, flags);
	shim_wake_up_locked(wq, exclusive);
	spin_unlock_irqrestore(&wq->lock, flags);
}

void prepare_to_wait(struct wait_queue_head *wq, struct wait_queue_entry *wait,
		     unsigned int state)
{
	unsigned long flags;

	spin_lock_irqsave(&wq->lock, flags);
	if (list_empty(&wait->entry))
		__add_wait_queue(wq, wait);
	set_current_state(state);
	spin_unlock_irqrestore(&wq->lock, flags);
}

void finish_wait(struct wait_queue_head *wq, struct wait_queue_entry *wait)
{
	unsigned long flags;

	set_current_state(TASK_RUNNING);
	spin_lock_irqsave(&wq->lock, flags);
	list_del_init(&wait->entry);
	spin_unlock_irqrestore(&wq->lock, flags);
}
