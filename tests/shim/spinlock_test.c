// SPDX-License-Identifier: GPL-2.0-only
/*
 * The queued spinlock: mutual exclusion, and the order of service.  Who has arrived is
 * read off the lock's word, so that nothing here hangs on time.
 */
#include <linux/spinlock.h>

#include "shim_test.h"

#define THREADS		8		/* more than most test machines have CPUs */
#define INCREMENTS	400
#define LOCKED		0x1u
#define PENDING		0x100u

static DEFINE_SPINLOCK(lock);
static unsigned long counter;

static void increment(void *arg)
{
	for (int i = 0; i < INCREMENTS; i++) {
		spin_lock(&lock);
		counter++;
		spin_unlock(&lock);
	}
}

static void only_one_holds_it(void **state)
{
	struct cpu_thread cpus[THREADS];

	counter = 0;
	for (int i = 0; i < THREADS; i++)
		cpu_start(&cpus[i], increment, NULL);
	for (int i = 0; i < THREADS; i++)
		cpu_join(&cpus[i]);
	assert_int_equal(counter, THREADS * INCREMENTS);
	assert_int_equal(lock.val, 0);
}

static int served[THREADS], nr_served;

static void be_served(void *arg)
{
	spin_lock(&lock);
	served[nr_served++] = *(int *)arg;
	spin_unlock(&lock);
}

/* Until it stands in line. */
static void start_waiting(struct cpu_thread *cpu, void (*body)(void *arg), void *arg)
{
	u32 before = READ_ONCE(lock.val);

	cpu_start(cpu, body, arg);
	AWAIT(READ_ONCE(lock.val) != before);
}

static void order_of_arrival_is_order_of_service(void **state)
{
	struct cpu_thread cpus[THREADS];
	int names[THREADS];

	nr_served = 0;
	spin_lock(&lock);
	for (int i = 0; i < THREADS; i++) {
		names[i] = i;
		start_waiting(&cpus[i], be_served, &names[i]);
	}
	assert_int_equal(READ_ONCE(lock.locked_pending), LOCKED | PENDING);
	spin_unlock(&lock);
	for (int i = 0; i < THREADS; i++)
		cpu_join(&cpus[i]);
	assert_int_equal(nr_served, THREADS);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(served[i], i);
	assert_int_equal(lock.val, 0);
}

static void trylock_takes_what_is_free_and_nothing_else(void **state)
{
	assert_true(spin_trylock(&lock));
	assert_false(spin_trylock(&lock));
	assert_int_equal(lock.val, LOCKED);
	spin_unlock(&lock);
	assert_true(spin_trylock(&lock));
	spin_unlock(&lock);
	assert_int_equal(lock.val, 0);
}

/* The moment between an unlock and the pending waiter's turn, held still. */
static void nobody_passes_a_pending_waiter(void **state)
{
	struct cpu_thread newcomer;
	int name = 1;

	nr_served = 0;
	WRITE_ONCE(lock.val, PENDING);
	assert_false(spin_trylock(&lock));
	cpu_start(&newcomer, be_served, &name);
	AWAIT(READ_ONCE(lock.tail));
	sleep_ms(5);
	assert_int_equal(READ_ONCE(lock.locked_pending), PENDING);

	/* The waiter's turn, and its end. */
	preempt_disable();
	WRITE_ONCE(lock.locked_pending, LOCKED);
	sleep_ms(5);
	assert_int_equal(READ_ONCE(lock.locked_pending), LOCKED);
	spin_unlock(&lock);
	cpu_join(&newcomer);
	assert_int_equal(nr_served, 1);
	assert_int_equal(lock.val, 0);
}

static void come_in_a_hand_over(void *arg)
{
	preempt_disable();
	/* What the fast path saw when the hand-over was still on. */
	shim_spin_lock_slow(&lock, PENDING);
	spin_unlock(&lock);
}

static void a_hand_over_in_progress_is_no_reason_to_queue(void **state)
{
	struct cpu_thread newcomer;

	spin_lock(&lock);
	cpu_start(&newcomer, come_in_a_hand_over, NULL);
	AWAIT(READ_ONCE(lock.val) != LOCKED);
	assert_int_equal(READ_ONCE(lock.val), LOCKED | PENDING);
	spin_unlock(&lock);
	cpu_join(&newcomer);
	assert_int_equal(lock.val, 0);
}

static int holding, may_unlock;

static void hold(void *arg)
{
	spin_lock(&lock);
	WRITE_ONCE(holding, 1);
	AWAIT(READ_ONCE(may_unlock));
	spin_unlock(&lock);
}

static void come_late(void *arg)
{
	preempt_disable();
	/* What the fast path saw before anybody queued. */
	shim_spin_lock_slow(&lock, LOCKED);
	spin_unlock(&lock);
}

static void who_is_too_late_to_be_pending_takes_it_back(void **state)
{
	struct cpu_thread holder, head, late;
	int name = 0;
	u16 tail;

	nr_served = 0;
	spin_lock(&lock);
	start_waiting(&holder, hold, NULL);
	start_waiting(&head, be_served, &name);
	spin_unlock(&lock);
	AWAIT(READ_ONCE(holding));

	/* Now it is held, has a queue, and the pending place looks free. */
	assert_int_equal(READ_ONCE(lock.locked_pending), LOCKED);
	tail = READ_ONCE(lock.tail);
	cpu_start(&late, come_late, NULL);
	AWAIT(READ_ONCE(lock.tail) != tail);
	assert_int_equal(READ_ONCE(lock.locked_pending), LOCKED);
	WRITE_ONCE(may_unlock, 1);
	cpu_join(&holder);
	cpu_join(&head);
	cpu_join(&late);
	assert_int_equal(nr_served, 1);
	assert_int_equal(lock.val, 0);
}

static void a_fresh_lock_is_free(void **state)
{
	spinlock_t fresh;

	memset(&fresh, 0xff, sizeof(fresh));
	spin_lock_init(&fresh);
	spin_lock(&fresh);
	spin_unlock(&fresh);
	assert_int_equal(fresh.val, 0);
}

int spinlock_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_one_holds_it),
		cmocka_unit_test(order_of_arrival_is_order_of_service),
		cmocka_unit_test(trylock_takes_what_is_free_and_nothing_else),
		cmocka_unit_test(nobody_passes_a_pending_waiter),
		cmocka_unit_test(a_hand_over_in_progress_is_no_reason_to_queue),
		cmocka_unit_test(who_is_too_late_to_be_pending_takes_it_back),
		cmocka_unit_test(a_fresh_lock_is_free),
	};

	return cmocka_run_group_tests_name("spinlock", tests, NULL, NULL);
}
