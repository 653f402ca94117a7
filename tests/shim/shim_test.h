/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the shim's tests share: the groups, threads that are CPUs, waiting.  cmocka's
 * asserts belong to the main thread, which is CPU 0; other threads note what they saw.
 */
#ifndef TESTS_SHIM_TEST_H
#define TESTS_SHIM_TEST_H

#include <linux/kernel.h>
#include <linux/smp.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "shim/shim.h"

#define SKIP(why)							\
	do {								\
		print_message("skipped: %s\n", why);			\
		skip();							\
	} while (0)

/* Until it is so; the program's alarm ends what never is. */
#define AWAIT(truth)							\
	do {								\
		while (!(truth))					\
			sched_yield();					\
	} while (0)

/* Each file's tests; how many failed. */
int cpu_tests(void);
int percpu_tests(void);
int spinlock_tests(void);
int rcu_tests(void);
int device_tests(void);
int log_tests(void);
int string_tests(void);
int slab_tests(void);
int shrinker_tests(void);
int dma_tests(void);
int boot_tests(void);
int cleanup_tests(void);
int list_tests(void);
int bitops_tests(void);
int rbtree_tests(void);
int wait_tests(void);
int xarray_tests(void);
/* Only in the flavours that check. */
int context_tests(void);
int failure_tests(void);
int irq_tests(void);

/* A thread that is a CPU while it runs body(arg). */
struct cpu_thread {
	pthread_t thread;
	void (*body)(void *arg);
	void *arg;
	int cpu;			/* its number; set before body runs */
};

static inline void *cpu_thread_main(void *data)
{
	struct cpu_thread *t = data;

	WRITE_ONCE(t->cpu, shim_cpu_up());
	t->body(t->arg);
	return NULL;
}

static inline void cpu_start(struct cpu_thread *t, void (*body)(void *arg), void *arg)
{
	t->body = body;
	t->arg = arg;
	WRITE_ONCE(t->cpu, -1);
	assert_int_equal(pthread_create(&t->thread, NULL, cpu_thread_main, t), 0);
}

static inline void cpu_join(struct cpu_thread *t)
{
	assert_int_equal(pthread_join(t->thread, NULL), 0);
}

static inline void sleep_ms(long ms)
{
	struct timespec time = { .tv_nsec = ms * 1000000 };

	nanosleep(&time, NULL);
}

/* The WARN_ON()s since the last call; what they say is not for the terminal. */
static inline unsigned int warnings_of(void (*body)(void *arg), void *arg)
{
	unsigned int before = shim_warnings();

	shim_log_capture();
	body(arg);
	shim_log_release();
	return shim_warnings() - before;
}

#endif
