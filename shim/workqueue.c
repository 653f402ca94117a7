// SPDX-License-Identifier: GPL-2.0-only
/*
 * Work for CPUs.  A CPU is a thread with a program of its own, so it looks after its
 * work when it says that it could be scheduled; while it is idle, whoever waits for
 * the work takes its place.  Work for no CPU in particular is a worker thread's, which
 * is a CPU of its own and idle but for that.
 */
#include <linux/cpumask.h>
#include <linux/kernel.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <pthread.h>
#include <sched.h>

#include "internal.h"
#include "shim.h"

enum { IDLE, BUSY, BORROWED };

static int state[NR_CPUS];
static bool has_work[NR_CPUS];

/* Of everything below. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t queued = PTHREAD_COND_INITIALIZER;
static LIST_HEAD(queue);
static struct work_struct *running[NR_CPUS];

static pthread_once_t once = PTHREAD_ONCE_INIT;

/* The oldest work of a CPU, taken off the queue; lock held. */
static struct work_struct *next_work(int cpu)
{
	struct work_struct *work;

	list_for_each_entry(work, &queue, entry) {
		if (work->cpu != cpu)
			continue;
		list_del(&work->entry);
		return work;
	}
	return NULL;
}

/* On the CPU's own thread, or in its place. */
static void run_work_of(int cpu)
{
	struct work_struct *work;

	pthread_mutex_lock(&lock);
	while ((work = next_work(cpu))) {
		running[cpu] = work;
		work->pending = false;
		pthread_mutex_unlock(&lock);
		work->func(work);
		pthread_mutex_lock(&lock);
		running[cpu] = NULL;
	}
	WRITE_ONCE(has_work[cpu], false);
	pthread_mutex_unlock(&lock);
}

void shim_run_cpu_work(void)
{
	if (unlikely(READ_ONCE(has_work[shim_this_cpu])))
		run_work_of(shim_this_cpu);
}

void shim_cpu_idle(void)
{
	shim_run_cpu_work();
	__atomic_store_n(&state[shim_this_cpu], IDLE, __ATOMIC_RELEASE);
}

void shim_cpu_busy(void)
{
	int was = IDLE;

	while (!__atomic_compare_exchange_n(&state[shim_this_cpu], &was, BUSY, false,
					    __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
		was = IDLE;
		sched_yield();
	}
}

/* Be an idle CPU for as long as its work takes. */
static void stand_in_for(int cpu)
{
	int idle = IDLE, me = shim_this_cpu;

	if (!__atomic_compare_exchange_n(&state[cpu], &idle, BORROWED, false,
					 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return;
	shim_set_this_cpu(cpu);
	run_work_of(cpu);
	shim_set_this_cpu(me);
	__atomic_store_n(&state[cpu], IDLE, __ATOMIC_RELEASE);
}

static void *worker(void *unused)
{
	(void)unused;
	shim_cpu_up_as(SHIM_WORKER_CPU);
	for (;;) {
		pthread_mutex_lock(&lock);
		while (!has_work[SHIM_WORKER_CPU])
			pthread_cond_wait(&queued, &lock);
		pthread_mutex_unlock(&lock);
		run_work_of(SHIM_WORKER_CPU);
	}
	return NULL;
}

static void start_worker(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, worker, NULL);
	pthread_detach(thread);
}

void shim_start_background(void)
{
	urcu_memb_get_default_call_rcu_data();
	pthread_once(&once, start_worker);
}

struct workqueue_struct *alloc_workqueue(const char *fmt, unsigned int flags,
					 int max_active, ...)
{
	(void)fmt, (void)flags, (void)max_active;
	return kmalloc(1, GFP_KERNEL);
}

void destroy_workqueue(struct workqueue_struct *wq)
{
	kfree(wq);
}

/* The work is marked pending already. */
static void enqueue(struct work_struct *work, int cpu)
{
	unsigned long flags;

	local_irq_save(flags);
	pthread_mutex_lock(&lock);
	work->cpu = cpu;
	list_add_tail(&work->entry, &queue);
	WRITE_ONCE(has_work[cpu], true);
	pthread_cond_signal(&queued);
	pthread_mutex_unlock(&lock);
	local_irq_restore(flags);
}

/* False if it was pending already. */
static bool mark_pending(struct work_struct *work)
{
	unsigned long flags;
	bool was;

	local_irq_save(flags);
	pthread_mutex_lock(&lock);
	was = work->pending;
	work->pending = true;
	pthread_mutex_unlock(&lock);
	local_irq_restore(flags);
	return !was;
}

bool queue_work_on(int cpu, struct workqueue_struct *wq, struct work_struct *work)
{
	(void)wq;
	if (!mark_pending(work))
		return false;
	enqueue(work, cpu);
	return true;
}

/* The CPU that has the work before it or at hand; -1 if none has. */
static int cpu_of(struct work_struct *work)
{
	int cpu = -1;

	pthread_mutex_lock(&lock);
	if (work->pending || running[work->cpu] == work)
		cpu = work->cpu;
	pthread_mutex_unlock(&lock);
	return cpu;
}

bool flush_work(struct work_struct *work)
{
	bool waited = false;
	int cpu;

	might_sleep();
	for (; (cpu = cpu_of(work)) >= 0; waited = true) {
		if (cpu == shim_this_cpu)
			shim_run_cpu_work();
		else
			stand_in_for(cpu);
		sched_yield();
	}
	return waited;
}

static void grace_period_over(struct rcu_head *head)
{
	enqueue(&container_of(head, struct rcu_work, rcu)->work, SHIM_WORKER_CPU);
}

bool queue_rcu_work(struct workqueue_struct *wq, struct rcu_work *rwork)
{
	(void)wq;
	pthread_once(&once, start_worker);
	if (!mark_pending(&rwork->work))
		return false;
	call_rcu(&rwork->rcu, grace_period_over);
	return true;
}

bool flush_rcu_work(struct rcu_work *rwork)
{
	return flush_work(&rwork->work);
}
