// SPDX-License-Identifier: GPL-2.0-only
/* Threads as CPUs: their numbers, the online map, and hotplug's callbacks. */
#include <errno.h>
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>

#include "shim_test.h"

static void stay(void *arg)
{
	int *leave = arg;

	AWAIT(READ_ONCE(*leave));
}

struct guest {
	struct cpu_thread cpu;
	int leave;
};

static int arrive(struct guest *guest)
{
	WRITE_ONCE(guest->leave, 0);
	cpu_start(&guest->cpu, stay, &guest->leave);
	AWAIT(READ_ONCE(guest->cpu.cpu) != -1);
	return READ_ONCE(guest->cpu.cpu);
}

static void go(struct guest *guest)
{
	WRITE_ONCE(guest->leave, 1);
	cpu_join(&guest->cpu);
}

static void numbers_are_lowest_first_and_used_again(void **state)
{
	struct guest guests[4];

	assert_int_equal(smp_processor_id(), 0);
	assert_int_equal(arrive(&guests[0]), 1);
	assert_int_equal(arrive(&guests[1]), 2);
	assert_int_equal(arrive(&guests[2]), 3);
	go(&guests[1]);
	assert_int_equal(arrive(&guests[1]), 2);
	assert_int_equal(arrive(&guests[3]), 4);
	for (int i = 0; i < 4; i++)
		go(&guests[i]);
}

static void coming_up_twice_changes_nothing(void **state)
{
	assert_int_equal(shim_cpu_up(), 0);
	assert_int_equal(num_online_cpus(), 1);
}

/* The last number is kept for the thread that runs work. */
static void there_are_nr_cpus_and_no_more(void **state)
{
	static struct guest guests[NR_CPUS];
	struct guest late;

	for (int i = 1; i < NR_CPUS - 1; i++)
		assert_int_equal(arrive(&guests[i]), i);
	assert_int_equal(num_online_cpus(), num_possible_cpus() - 1);
	assert_int_equal(arrive(&late), -EAGAIN);
	go(&late);
	go(&guests[100]);
	assert_int_equal(arrive(&guests[100]), 100);
	for (int i = 1; i < NR_CPUS - 1; i++)
		go(&guests[i]);
	assert_int_equal(num_online_cpus(), 1);
}

static void the_end_of_a_thread_is_its_cpu_offline(void **state)
{
	struct guest guest;

	arrive(&guest);
	assert_true(cpu_online(1));
	assert_int_equal(num_online_cpus(), 2);
	go(&guest);
	assert_false(cpu_online(1));
	assert_int_equal(num_online_cpus(), 1);
}

static void a_thread_can_go_down_and_come_up_again(void **state)
{
	shim_cpu_down();
	assert_false(cpu_online(0));
	shim_cpu_down();
	assert_int_equal(shim_cpu_up(), 0);
	assert_true(cpu_online(0));
}

/* What a callback saw. */
struct event {
	char what;			/* a state's startup; in capitals its teardown */
	unsigned int cpu;
	bool online;
	pthread_t thread;
};

static struct event events[16];
static size_t nr_events;
static struct cpu_thread visitor;

static int note(char what, unsigned int cpu)
{
	events[nr_events++] = (struct event) {
		.what = what,
		.cpu = cpu,
		.online = cpu_online(cpu),
		.thread = pthread_self(),
	};
	return 0;
}

static int first_up(unsigned int cpu)
{
	return note('a', cpu);
}

static int first_down(unsigned int cpu)
{
	return note('A', cpu);
}

static int second_up(unsigned int cpu)
{
	return note('b', cpu);
}

static int second_down(unsigned int cpu)
{
	return note('B', cpu);
}

static int failing(unsigned int cpu)
{
	return -EIO;
}

static void leave_at_once(void *arg)
{
}

static void one_cpu_comes_and_goes(void *arg)
{
	nr_events = 0;
	cpu_start(&visitor, leave_at_once, NULL);
	cpu_join(&visitor);
}

static int add_state(cpuhp_fn startup, cpuhp_fn teardown)
{
	int hp = cpuhp_setup_state_nocalls(CPUHP_BP_PREPARE_DYN, "test", startup,
					   teardown);

	assert_true(hp > 0);
	return hp;
}

static void callbacks_run_before_and_after_it_is_online(void **state)
{
	int hp = add_state(first_up, first_down);

	one_cpu_comes_and_goes(NULL);
	cpuhp_remove_state_nocalls(hp);

	assert_int_equal(nr_events, 2);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(events[i].what, i ? 'A' : 'a');
		assert_int_equal(events[i].cpu, 1);
		assert_false(events[i].online);
		assert_true(pthread_equal(events[i].thread, visitor.thread));
	}
}

static void states_go_up_in_order_and_down_in_reverse(void **state)
{
	int first = add_state(first_up, first_down);
	int second = add_state(second_up, second_down);
	char order[5] = "";

	one_cpu_comes_and_goes(NULL);
	cpuhp_remove_state_nocalls(first);
	cpuhp_remove_state_nocalls(second);

	assert_int_equal(nr_events, 4);
	for (int i = 0; i < 4; i++)
		order[i] = events[i].what;
	assert_string_equal(order, "abBA");
}

static void a_state_that_has_gone_is_not_called(void **state)
{
	int hp = add_state(NULL, first_down);

	one_cpu_comes_and_goes(NULL);
	assert_int_equal(nr_events, 1);
	cpuhp_remove_state_nocalls(hp);
	one_cpu_comes_and_goes(NULL);
	assert_int_equal(nr_events, 0);
}

static void misuse_of_states_is_told(void **state)
{
	int hp = add_state(failing, NULL);

	assert_int_equal(warnings_of(one_cpu_comes_and_goes, NULL), 1);
	cpuhp_remove_state_nocalls(hp);
	assert_int_equal(cpuhp_setup_state_nocalls(1, "test", NULL, NULL), -EINVAL);
}

static void states_run_out_and_are_used_again(void **state)
{
	int hp[64], nr = 0, last;

	do {
		last = cpuhp_setup_state_nocalls(CPUHP_BP_PREPARE_DYN, "test", NULL,
						 NULL);
		hp[nr++] = last;
	} while (last > 0 && nr < 64);
	assert_int_equal(last, -ENOSPC);
	cpuhp_remove_state_nocalls(hp[0]);
	assert_int_equal(add_state(NULL, NULL), hp[0]);
	for (int i = 0; i < nr - 1; i++)
		cpuhp_remove_state_nocalls(hp[i]);
}

int cpu_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_lowest_first_and_used_again),
		cmocka_unit_test(coming_up_twice_changes_nothing),
		cmocka_unit_test(there_are_nr_cpus_and_no_more),
		cmocka_unit_test(the_end_of_a_thread_is_its_cpu_offline),
		cmocka_unit_test(a_thread_can_go_down_and_come_up_again),
		cmocka_unit_test(callbacks_run_before_and_after_it_is_online),
		cmocka_unit_test(states_go_up_in_order_and_down_in_reverse),
		cmocka_unit_test(a_state_that_has_gone_is_not_called),
		cmocka_unit_test(misuse_of_states_is_told),
		cmocka_unit_test(states_run_out_and_are_used_again),
	};

	return cmocka_run_group_tests_name("cpu", tests, NULL, NULL);
}
