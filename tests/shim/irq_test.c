// SPDX-License-Identifier: GPL-2.0-only
/*
 * The checked build's interrupts: when they come, what they find, and a spinlock that
 * one waits for while its task waits for another.
 */
#include <asm/processor.h>
#include <errno.h>
#include <linux/spinlock.h>
#include <linux/preempt.h>

#include "shim_test.h"

#define PERIOD_US	200

/* What the handler saw; of the thread it interrupts. */
struct seen {
	unsigned long count;
	unsigned int wrong_context, slept;
};

static int needs_signals(void)
{
#ifdef __SANITIZE_THREAD__
	return false;
#else
	return true;
#endif
}

#define NEEDS_SIGNALS()							\
	do {								\
		if (!needs_signals())					\
			SKIP("ThreadSanitizer holds signals back until it likes them"); \
	} while (0)

static void look(void *arg)
{
	struct seen *seen = arg;
	unsigned long flags;

	if (!in_interrupt() || !irqs_disabled())
		seen->wrong_context++;
	/* Neither lets the next one in. */
	local_irq_save(flags);
	local_irq_restore(flags);
	if (!irqs_disabled())
		seen->wrong_context++;
	errno = 12345;
	WRITE_ONCE(seen->count, seen->count + 1);
}

static void start(struct seen *seen)
{
	assert_int_equal(shim_irq_start(look, seen, PERIOD_US), 0);
}

static void await_count(struct seen *seen, unsigned long count)
{
	while (READ_ONCE(seen->count) < count)
		cpu_relax();
}

/* Longer than several periods, without a call that a signal would cut short. */
static void spin_ms(long ms)
{
	struct timespec from, now;

	clock_gettime(CLOCK_MONOTONIC, &from);
	do {
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((now.tv_sec - from.tv_sec) * 1000 +
		 (now.tv_nsec - from.tv_nsec) / 1000000 < ms);
}

static void they_come_and_are_counted(void **state)
{
	struct seen seen = { .count = 0 };
	unsigned long taken;

	NEEDS_SIGNALS();
	errno = 0;
	start(&seen);
	await_count(&seen, 20);
	taken = shim_irq_stop();
	assert_int_equal(errno, 0);
	assert_int_equal(taken, seen.count);
	assert_int_equal(seen.wrong_context, 0);
	assert_false(in_interrupt());
	assert_false(irqs_disabled());
}

static void none_comes_after_the_stop(void **state)
{
	struct seen seen = { .count = 0 };
	unsigned long taken, flags;

	NEEDS_SIGNALS();
	start(&seen);
	await_count(&seen, 1);
	taken = shim_irq_stop();
	spin_ms(5);
	assert_int_equal(seen.count, taken);

	/* Nor one that was waiting to be let in. */
	start(&seen);
	local_irq_save(flags);
	spin_ms(5);
	taken = seen.count;
	shim_irq_stop();
	local_irq_restore(flags);
	assert_int_equal(seen.count, taken);
}

static void what_is_masked_waits_for_the_unmasking(void **state)
{
	struct seen seen = { .count = 0 };
	unsigned long flags, nested, before;

	NEEDS_SIGNALS();
	start(&seen);
	await_count(&seen, 1);
	local_irq_save(flags);
	before = seen.count;
	spin_ms(5);
	assert_int_equal(seen.count, before);
	/* The inner of two leaves them masked. */
	local_irq_save(nested);
	local_irq_restore(nested);
	assert_true(irqs_disabled());
	assert_int_equal(seen.count, before);
	/* However many were missed, one is run, before the call returns. */
	local_irq_restore(flags);
	before = READ_ONCE(seen.count) - before;
	shim_irq_stop();
	assert_in_range(before, 1, 2);
}

static void a_spinlock_may_mask_them(void **state)
{
	DEFINE_SPINLOCK(lock);
	struct seen seen = { .count = 0 };
	unsigned long before, flags;

	NEEDS_SIGNALS();
	start(&seen);
	await_count(&seen, 1);
	spin_lock_irqsave(&lock, flags);
	before = seen.count;
	spin_ms(5);
	assert_int_equal(seen.count, before);
	spin_unlock_irqrestore(&lock, flags);
	assert_true(READ_ONCE(seen.count) > before);

	spin_lock_irq(&lock);
	before = seen.count;
	spin_ms(5);
	assert_int_equal(seen.count, before);
	spin_unlock_irq(&lock);
	assert_true(READ_ONCE(seen.count) > before);

	/* This one does not. */
	spin_lock(&lock);
	await_count(&seen, seen.count + 2);
	spin_unlock(&lock);
	shim_irq_stop();
}

static void sleep_in_it(void *arg)
{
	struct seen *seen = arg;

	if (seen->count)
		return;
	/* Not even one that lets others in. */
	local_irq_enable();
	might_sleep();
	local_irq_disable();
	WRITE_ONCE(seen->count, 1);
}

static void interrupt_that_sleeps(void *arg)
{
	shim_irq_start(sleep_in_it, arg, PERIOD_US);
	await_count(arg, 1);
	shim_irq_stop();
}

static void none_may_sleep(void **state)
{
	struct seen seen = { .count = 0 };

	NEEDS_SIGNALS();
	assert_int_equal(warnings_of(interrupt_that_sleeps, &seen), 1);
}

static void a_period_may_be_seconds(void **state)
{
	struct seen seen = { .count = 0 };

	assert_int_equal(shim_irq_start(look, &seen, 1000500), 0);
	spin_ms(5);
	assert_int_equal(shim_irq_stop(), 0);
}

static DEFINE_SPINLOCK(task_lock);
static DEFINE_SPINLOCK(irq_lock);
static int task_got, irq_got;

static void hold_briefly(void *arg)
{
	spin_lock(arg);
	spin_unlock(arg);
}

static void wait_in_irq(void *arg)
{
	/* Only while the task is in the queue. */
	if (irq_got || !READ_ONCE(task_lock.tail))
		return;
	spin_lock(&irq_lock);
	WRITE_ONCE(irq_got, 1);
	spin_unlock(&irq_lock);
}

static void wait_in_task(void *arg)
{
	shim_irq_start(wait_in_irq, NULL, PERIOD_US);
	spin_lock(&task_lock);
	WRITE_ONCE(task_got, 1);
	spin_unlock(&task_lock);
	shim_irq_stop();
}

/*
 * Both locks are held and have a pending waiter, so the task and then its interrupt
 * must queue: one CPU in two queues.
 */
static void one_waits_in_a_queue_while_its_task_does(void **state)
{
	struct cpu_thread before_task, before_irq, both;

	NEEDS_SIGNALS();
	spin_lock(&task_lock);
	spin_lock(&irq_lock);
	cpu_start(&before_task, hold_briefly, &task_lock);
	cpu_start(&before_irq, hold_briefly, &irq_lock);
	AWAIT(READ_ONCE(task_lock.pending) && READ_ONCE(irq_lock.pending));
	cpu_start(&both, wait_in_task, NULL);
	AWAIT(READ_ONCE(irq_lock.tail));
	assert_int_not_equal(READ_ONCE(task_lock.tail), READ_ONCE(irq_lock.tail));

	/* The interrupt's turn does not make it the task's. */
	spin_unlock(&irq_lock);
	AWAIT(READ_ONCE(irq_got));
	sleep_ms(5);
	assert_false(READ_ONCE(task_got));
	spin_unlock(&task_lock);
	cpu_join(&before_task);
	cpu_join(&before_irq);
	cpu_join(&both);
	assert_true(task_got);
	assert_int_equal(task_lock.val, 0);
	assert_int_equal(irq_lock.val, 0);
}

int irq_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_come_and_are_counted),
		cmocka_unit_test(none_comes_after_the_stop),
		cmocka_unit_test(what_is_masked_waits_for_the_unmasking),
		cmocka_unit_test(a_spinlock_may_mask_them),
		cmocka_unit_test(none_may_sleep),
		cmocka_unit_test(a_period_may_be_seconds),
		cmocka_unit_test(one_waits_in_a_queue_while_its_task_does),
	};

	return cmocka_run_group_tests_name("irq", tests, NULL, NULL);
}
