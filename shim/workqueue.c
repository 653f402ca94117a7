// SPDX-License-Identifier: GPL-2.0-only
/* Work that may sleep: one worker thread, a CPU of its own, started by the first. */
#include <linux/smp.h>
#include <linux/workqueue.h>
#include <pthread.h>

#include "internal.h"

static LIST_HEAD(queue);
static struct work_struct *running;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void *worker(void *unused)
{
	(void)unused;
	shim_cpu_up_as(SHIM_WORKER_CPU);
	pthread_mutex_lock(&lock);
	for (;;) {
		while (list_empty(&queue))
			pthread_cond_wait(&changed, &lock);
		running = list_first_entry(&queue, struct work_struct, entry);
		list_del(&running->entry);
		running->pending = false;
		pthread_mutex_unlock(&lock);
		running->func(running);
		pthread_mutex_lock(&lock);
		running = NULL;
		pthread_cond_broadcast(&changed);
	}
	return NULL;
}

static void start_worker(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, worker, NULL);
	pthread_detach(thread);
}

static void enqueue(struct rcu_head *head)
{
	struct rcu_work *rwork = container_of(head, struct rcu_work, rcu);

	pthread_mutex_lock(&lock);
	list_add_tail(&rwork->work.entry, &queue);
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

bool queue_rcu_work(struct workqueue_struct *wq, struct rcu_work *rwork)
{
	(void)wq;
	pthread_once(&once, start_worker);
	if (__atomic_exchange_n(&rwork->work.pending, true, __ATOMIC_ACQ_REL))
		return false;
	call_rcu(&rwork->rcu, enqueue);
	return true;
}

bool flush_rcu_work(struct rcu_work *rwork)
{
	bool waited = false;

	might_sleep();
	pthread_mutex_lock(&lock);
	while (rwork->work.pending || running == &rwork->work) {
		waited = true;
		pthread_cond_wait(&changed, &lock);
	}
	pthread_mutex_unlock(&lock);
	return waited;
}
