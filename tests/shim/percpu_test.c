// SPDX-License-Identifier: GPL-2.0-only
/* Per-CPU memory: everyone's own, on cache lines of its own, zero when allocated. */
#include <linux/cache.h>
#include <linux/percpu.h>

#include "shim_test.h"

#define CPUS		3
#define INCREMENTS	10000

struct item {
	unsigned long values[11];	/* a line and a half */
};

struct quarter {
	char bytes[SHIM_PERCPU_UNIT / 4];
};

struct more_than_quarter {
	char bytes[SHIM_PERCPU_UNIT / 4 + 1];
};

static bool is_zero(struct item *items)
{
	int cpu;

	for_each_possible_cpu(cpu)
		for (size_t i = 0; i < ARRAY_SIZE(items->values); i++)
			if (per_cpu_ptr(items, cpu)->values[i])
				return false;
	return true;
}

static void fill(struct item *items, unsigned long value)
{
	int cpu;

	for_each_possible_cpu(cpu)
		for (size_t i = 0; i < ARRAY_SIZE(items->values); i++)
			per_cpu_ptr(items, cpu)->values[i] = value + cpu;
}

static bool is_filled(struct item *items, unsigned long value)
{
	int cpu;

	for_each_possible_cpu(cpu)
		for (size_t i = 0; i < ARRAY_SIZE(items->values); i++)
			if (per_cpu_ptr(items, cpu)->values[i] != value + cpu)
				return false;
	return true;
}

static void areas_are_distinct_and_aligned(void **state)
{
	struct item *one = alloc_percpu(struct item), *two = alloc_percpu(struct item);
	int cpu;

	assert_non_null(one);
	assert_non_null(two);
	for_each_possible_cpu(cpu) {
		assert_int_equal((uintptr_t)per_cpu_ptr(one, cpu) % SMP_CACHE_BYTES, 0);
		assert_int_equal((uintptr_t)per_cpu_ptr(two, cpu) % SMP_CACHE_BYTES, 0);
	}
	fill(one, 1000);
	fill(two, 2000);
	assert_true(is_filled(one, 1000));
	assert_true(is_filled(two, 2000));
	free_percpu(one);
	assert_true(is_filled(two, 2000));
	free_percpu(two);
}

static void it_is_zero_also_when_used_again(void **state)
{
	struct item *first = alloc_percpu(struct item), *again;

	assert_true(is_zero(first));
	fill(first, ~0UL / 2);
	free_percpu(first);
	again = alloc_percpu_gfp(struct item, GFP_KERNEL);
	assert_ptr_equal(again, first);
	assert_true(is_zero(again));
	free_percpu(again);
}

static void full_areas_give_null_until_there_is_room(void **state)
{
	struct quarter *quarters[4];

	for (int i = 0; i < 4; i++) {
		quarters[i] = alloc_percpu(struct quarter);
		assert_non_null(quarters[i]);
	}
	assert_null(alloc_percpu(char));
	free_percpu(quarters[1]);
	assert_null(alloc_percpu(struct more_than_quarter));
	assert_ptr_equal(alloc_percpu(struct quarter), quarters[1]);
	for (int i = 0; i < 4; i++)
		free_percpu(quarters[i]);
	free_percpu(NULL);
}

struct counting {
	unsigned long *counter;
	bool mine;			/* this_cpu_ptr() led to my CPU's area */
};

static void count(void *arg)
{
	struct counting *c = arg;

	c->mine = this_cpu_ptr(c->counter) == per_cpu_ptr(c->counter, smp_processor_id());
	for (int i = 0; i < INCREMENTS; i++)
		++*this_cpu_ptr(c->counter);
}

/* Plain increments: were two threads to share a line's word, some would be lost. */
static void every_thread_finds_its_own(void **state)
{
	unsigned long *counter = alloc_percpu(unsigned long), sum = 0;
	struct counting counting[CPUS];
	struct cpu_thread cpus[CPUS];
	int cpu;

	for (int i = 0; i < CPUS; i++) {
		counting[i] = (struct counting) { .counter = counter };
		cpu_start(&cpus[i], count, &counting[i]);
	}
	for (int i = 0; i < CPUS; i++) {
		cpu_join(&cpus[i]);
		assert_true(counting[i].mine);
	}
	for_each_possible_cpu(cpu)
		sum += *per_cpu_ptr(counter, cpu);
	assert_int_equal(sum, CPUS * INCREMENTS);
	assert_int_equal(*this_cpu_ptr(counter), 0);
	free_percpu(counter);
}

int percpu_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(areas_are_distinct_and_aligned),
		cmocka_unit_test(it_is_zero_also_when_used_again),
		cmocka_unit_test(full_areas_give_null_until_there_is_room),
		cmocka_unit_test(every_thread_finds_its_own),
	};

	return cmocka_run_group_tests_name("percpu", tests, NULL, NULL);
}
