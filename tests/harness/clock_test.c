// SPDX-License-Identifier: GPL-2.0-only
/* Tests of the workloads' clock: its rate against the kernel's, its cost, its step. */
#include "bench/workloads/workload.h"

#include <time.h>

#include "bench/clock.h"
#include "harness.h"

static u64 raw_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* The clock's picoseconds in a thousand nanoseconds of the kernel's. */
static double rate_over(u64 ns)
{
	u64 start = raw_ns(), ticks = wl_clock(), end;

	do {
		end = raw_ns();
	} while (end - start < ns);
	return wl_env_ps(wl_clock() - ticks) / (double)(end - start);
}

/* Whoever is interrupted between two clocks' readings tries again. */
static void test_rate(void **state)
{
	double rate = 0;
	int i;

	clock_start();
	clock_calibrate();
	for (i = 0; i < 20 && (rate < 999 || rate > 1001); i++)
		rate = rate_over(5000000);
	assert_true(rate > 999 && rate < 1001);
	/* a day does not overflow */
	assert_true(wl_env_ps(1ULL << 48) > wl_env_ps(1ULL << 47));
	assert_int_equal(wl_env_ps(0), 0);
}

static void test_cost_and_step(void **state)
{
	double cost = clock_cost_ns(), step = clock_step_ns();

	assert_true(cost > 0.5 && cost < 5000);
	assert_true(step > 0 && step <= 1000);
	assert_true(cost >= step * 0.99);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_cost_and_step),
	};

	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
