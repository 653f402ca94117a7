// SPDX-License-Identifier: GPL-2.0-only
/* Tasks that sleep, and what wakes them. */
#include <asm/barrier.h>
#include <linux/delay.h>
#include <linux/wait.h>

#include "shim_test.h"

#define FOR_EVER	(1000 * HZ)

static DECLARE_WAIT_QUEUE_HEAD(queue);

static void a_timeout_ends_a_sleep(void **state)
{
	unsigned long before = jiffies;

	assert_int_equal(schedule_timeout_uninterruptible(3), 0);
	assert_true(time_after_eq(jiffies, before + 3));
	before = jiffies;
	msleep(10);
	assert_true(time_after_eq(jiffies, before + msecs_to_jiffies(10)));
}

static void ticks_are_counted_from_milliseconds(void **state)
{
	assert_int_equal(msecs_to_jiffies(1000), HZ);
	assert_int_equal(msecs_to_jiffies(1), 1);
	assert_int_equal(jiffies_to_msecs(HZ), 1000);
	assert_true(time_after(1UL, -1UL));
	assert_true(time_before(-1UL, 1UL));
	assert_false(time_after(1UL, 1UL));
}

static void a_task_that_is_awake_does_not_sleep(void **state)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	assert_true(wake_up_process(current));
	assert_false(wake_up_process(current));
	assert_true(schedule_timeout(FOR_EVER) > FOR_EVER - 100 * HZ);
}

struct sleeper {
	struct cpu_thread thread;
	bool exclusive;
	int waits, woken;
};

static void sleep_in_queue(void *arg)
{
	struct sleeper *s = arg;
	DECLARE_WAITQUEUE(wait, current);

	if (s->exclusive)
		add_wait_queue_exclusive(&queue, &wait);
	else
		add_wait_queue(&queue, &wait);
	set_current_state(TASK_UNINTERRUPTIBLE);
	smp_store_release(&s->waits, 1);
	WRITE_ONCE(s->woken, schedule_timeout(FOR_EVER) ? 1 : -1);
	remove_wait_queue(&queue, &wait);
}

static void put_to_sleep(struct sleeper *s, bool exclusive)
{
	*s = (struct sleeper) { .exclusive = exclusive };
	cpu_start(&s->thread, sleep_in_queue, s);
	AWAIT(smp_load_acquire(&s->waits));
}

static void waking_all_wakes_all(void **state)
{
	struct sleeper sleepers[3];

	assert_false(waitqueue_active(&queue));
	for (int i = 0; i < 3; i++)
		put_to_sleep(&sleepers[i], i);
	assert_true(waitqueue_active(&queue));
	wake_up_all(&queue);
	for (int i = 0; i < 3; i++) {
		cpu_join(&sleepers[i].thread);
		assert_int_equal(sleepers[i].woken, 1);
	}
	assert_false(waitqueue_active(&queue));
}

static void waking_wakes_one_of_the_exclusive(void **state)
{
	struct sleeper shared, first, second;

	put_to_sleep(&first, true);
	put_to_sleep(&second, true);
	put_to_sleep(&shared, false);
	wake_up(&queue);
	cpu_join(&shared.thread);
	cpu_join(&first.thread);
	/* Time for one too many. */
	sleep_ms(20);
	assert_int_equal(READ_ONCE(second.woken), 0);
	wake_up(&queue);
	cpu_join(&second.thread);
	assert_int_equal(second.woken, 1);
}

static int happened, asked;

/* Who asks is in the queue by then. */
static bool ask(int what)
{
	WRITE_ONCE(asked, 1);
	return READ_ONCE(happened) == what;
}

static void wait_for_it(void *arg)
{
	long *left = arg;

	*left = wait_event_timeout(queue, ask(2), FOR_EVER);
}

static void an_event_is_waited_for_until_it_is_true(void **state)
{
	struct cpu_thread waiter;
	long left = 0;

	WRITE_ONCE(happened, 0);
	cpu_start(&waiter, wait_for_it, &left);
	AWAIT(READ_ONCE(asked));
	WRITE_ONCE(happened, 1);
	wake_up(&queue);
	WRITE_ONCE(happened, 2);
	wake_up(&queue);
	cpu_join(&waiter);
	assert_true(left > 0);
	assert_false(waitqueue_active(&queue));
}

static void an_event_that_does_not_come_times_out(void **state)
{
	WRITE_ONCE(happened, 0);
	assert_int_equal(wait_event_timeout(queue, READ_ONCE(happened), 2), 0);
	WRITE_ONCE(happened, 1);
	assert_int_equal(wait_event_timeout(queue, READ_ONCE(happened), 0), 1);
	wait_event(queue, READ_ONCE(happened));
}

int wait_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_timeout_ends_a_sleep),
		cmocka_unit_test(ticks_are_counted_from_milliseconds),
		cmocka_unit_test(a_task_that_is_awake_does_not_sleep),
		cmocka_unit_test(waking_all_wakes_all),
		cmocka_unit_test(waking_wakes_one_of_the_exclusive),
		cmocka_unit_test(an_event_is_waited_for_until_it_is_true),
		cmocka_unit_test(an_event_that_does_not_come_times_out),
	};

	return cmocka_run_group_tests_name("wait", tests, NULL, NULL);
}
