// SPDX-License-Identifier: GPL-2.0-only
/* The contract's threads in a kernel, spread over the CPUs. */
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/kthread.h>

#include "tests/contract/contract.h"

struct contract_thread {
	struct task_struct *task;
	struct completion done;
	void (*work)(void *arg);
	void *arg;
};

static int be_a_thread(void *data)
{
	struct contract_thread *thread = data;

	thread->work(thread->arg);
	complete(&thread->done);
	return 0;
}

/* The test itself is on CPU 0, which comes last. */
static unsigned int next_cpu(void)
{
	static unsigned int cpu;

	cpu = cpumask_next(cpu, cpu_online_mask);
	if (cpu >= nr_cpu_ids)
		cpu = cpumask_first(cpu_online_mask);
	return cpu;
}

struct contract_thread *contract_thread_start(void (*work)(void *arg), void *arg)
{
	struct contract_thread *thread = kzalloc(sizeof(*thread), GFP_KERNEL);

	if (!thread)
		return NULL;
	init_completion(&thread->done);
	thread->work = work;
	thread->arg = arg;
	thread->task = kthread_create(be_a_thread, thread, "contract");
	if (IS_ERR(thread->task)) {
		kfree(thread);
		return NULL;
	}
	kthread_bind(thread->task, next_cpu());
	get_task_struct(thread->task);
	wake_up_process(thread->task);
	return thread;
}

void contract_thread_join(struct contract_thread *thread)
{
	wait_for_completion(&thread->done);
	/* It must have left this module's code, too. */
	kthread_stop(thread->task);
	put_task_struct(thread->task);
	kfree(thread);
}

bool contract_cpus_stay(void)
{
	return true;
}
