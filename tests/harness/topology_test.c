// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which CPUs a run uses and how it pins itself, on this machine and on synthetic ones.
 */
#include "topology.h"

#include <errno.h>
#include <pthread.h>

#include "harness.h"

static int start_topology(void **state)
{
	(void)state;
	return topology_init();
}

static int stop_topology(void **state)
{
	(void)state;
	topology_unpin();
	topology_exit();
	return 0;
}

static void test_cpus_are_those_of_the_mask(void **state)
{
	cpu_set_t mask = affinity();
	int i;

	(void)state;
	assert_int_equal(topology_cpus(), CPU_COUNT(&mask));
	for (i = 0; i < topology_cpus(); i++) {
		assert_true(CPU_ISSET(topology_os_cpu(i), &mask));
		CPU_CLR(topology_os_cpu(i), &mask);
	}
	assert_int_equal(CPU_COUNT(&mask), 0);
}

static void test_pin_moves_and_unpin_frees(void **state)
{
	cpu_set_t before = affinity(), after;
	int i;

	(void)state;
	for (i = 0; i < topology_cpus(); i++) {
		assert_int_equal(topology_pin(i), 0);
		assert_int_equal(sched_getcpu(), topology_os_cpu(i));
		after = affinity();
		assert_int_equal(CPU_COUNT(&after), 1);
	}
	assert_int_equal(topology_unpin(), 0);
	after = affinity();
	assert_true(CPU_EQUAL(&before, &after));
}

static void test_no_such_cpu(void **state)
{
	(void)state;
	assert_int_equal(topology_pin(-1), -EINVAL);
	assert_int_equal(topology_pin(topology_cpus()), -EINVAL);
	assert_int_equal(topology_os_cpu(-1), -EINVAL);
	assert_int_equal(topology_os_cpu(topology_cpus()), -EINVAL);
}

static void *pin_to_first(void *cpu)
{
	if (topology_pin(0) == 0)
		*(int *)cpu = sched_getcpu();
	return NULL;
}

static void test_pin_is_the_threads_own(void **state)
{
	cpu_set_t before = affinity(), after;
	pthread_t thread;
	int cpu = -1;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, pin_to_first, &cpu), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(cpu, topology_os_cpu(0));
	after = affinity();
	assert_true(CPU_EQUAL(&before, &after));
}

static void restricted_to_last_cpu(void)
{
	cpu_set_t given = affinity(), after;
	int last = last_cpu(&given);
	char text[128], expected[128];

	CPU_ZERO(&given);
	CPU_SET(last, &given);
	CHECK(sched_setaffinity(0, sizeof(given), &given) == 0);
	CHECK(topology_init() == 0);
	CHECK(topology_cpus() == 1);
	CHECK(topology_os_cpu(0) == last);
	CHECK(topology_pin(0) == 0 && sched_getcpu() == last);
	CHECK(topology_unpin() == 0);
	after = affinity();
	CHECK(CPU_EQUAL(&given, &after));
	topology_describe(text, sizeof(text));
	snprintf(expected, sizeof(expected), "cpus %d of mask %d; 1 core, 1 NUMA node",
		 last, last);
	CHECK(strcmp(text, expected) == 0);
	topology_exit();
}

static void test_restricted_mask(void **state)
{
	cpu_set_t mask = affinity();

	(void)state;
	if (CPU_COUNT(&mask) == 1)
		SKIP("one usable CPU: its mask cannot be restricted further");
	in_child(restricted_to_last_cpu);
}

static const char *synthetic;	/* hwloc's description of a machine */
static const char *described;	/* what topology_describe() says of it */

static void describe_synthetic(void)
{
	char text[256];

	setenv("HWLOC_SYNTHETIC", synthetic, 1);
	CHECK(topology_init() == 0);
	topology_describe(text, sizeof(text));
	if (strcmp(text, described))
		print_error("%s: %s\n", synthetic, text);
	CHECK(strcmp(text, described) == 0);
	topology_describe(text, 6);
	CHECK(strcmp(text, "cpus ") == 0);
	topology_exit();
}

static void test_order(void **state)
{
	static const char *const machines[][2] = {
		{ "node:2 l3:2 core:2 pu:2",
		  "cpus 0,2,4,6,8,10,12,14,1,3,5,7,9,11,13,15 of mask 0-15; "
		  "8 cores, 2 NUMA nodes" },
		/* siblings numbered apart, as on most x86 machines */
		{ "node:1 l3:1 core:4 pu:2(indexes=0,4,1,5,2,6,3,7)",
		  "cpus 0,1,2,3,4,5,6,7 of mask 0-7; 4 cores, 1 NUMA node" },
		/* neighbours numbered apart: even CPUs on one node, odd on the other */
		{ "node:2 core:3 pu:1(indexes=0,2,4,1,3,5)",
		  "cpus 0,2,4,1,3,5 of mask 0-5; 6 cores, 2 NUMA nodes" },
		{ "node:1 core:1 pu:4",
		  "cpus 0,1,2,3 of mask 0-3; 1 core, 1 NUMA node" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		synthetic = machines[i][0];
		described = machines[i][1];
		in_child(describe_synthetic);
	}
}

#define topology_test(test)	\
	cmocka_unit_test_setup_teardown(test, start_topology, stop_topology)

int main(void)
{
	const struct CMUnitTest tests[] = {
		topology_test(test_cpus_are_those_of_the_mask),
		topology_test(test_pin_moves_and_unpin_frees),
		topology_test(test_no_such_cpu),
		topology_test(test_pin_is_the_threads_own),
		cmocka_unit_test(test_restricted_mask),
		cmocka_unit_test(test_order),
		};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
