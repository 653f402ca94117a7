// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the workloads' arithmetic: the histogram's buckets, sums and quantiles
 * against a sorted array, and the random numbers.  Seeded: every run is the same.
 */
#include "bench/workloads/hist.h"
#include "bench/workloads/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define VALUES		20000
#define TOP		(1ULL << HIST_MAX_BITS)

static struct wl_hist hist, other, both;

static int empty(void **state)
{
	memset(&hist, 0, sizeof(hist));
	memset(&other, 0, sizeof(other));
	memset(&both, 0, sizeof(both));
	return 0;
}

static u64 middle(unsigned int bucket)
{
	return (hist_lower(bucket) + hist_lower(bucket + 1)) / 2;
}

/* Whether value is within 1/divisor of what it should be. */
static void assert_close(u64 value, u64 should, unsigned int divisor)
{
	assert_in_range(value, should - should / divisor, should + should / divisor);
}

static void test_buckets_adjoin(void **state)
{
	unsigned int i;

	for (i = 0; i < HIST_BUCKETS; i++) {
		assert_true(hist_lower(i) < hist_lower(i + 1));
		assert_int_equal(hist_index(hist_lower(i)), i);
		assert_int_equal(hist_index(hist_lower(i + 1) - 1), i);
	}
	assert_int_equal(hist_lower(0), 0);
	assert_int_equal(hist_lower(HIST_BUCKETS), TOP);
}

/* What readers of the raw data are told. */
static void test_known_indices(void **state)
{
	assert_int_equal(hist_index(127), 127);
	assert_int_equal(hist_index(128), 128);
	assert_int_equal(hist_index(129), 128);
	assert_int_equal(hist_index(255), 191);
	assert_int_equal(hist_index(256), 192);
	assert_int_equal(hist_index(1000000), 13 * 64 + (1000000 >> 13));
}

static void test_middle_is_near(void **state)
{
	unsigned int i;

	for (i = 0; i < HIST_BUCKETS; i++) {
		u64 last = hist_lower(i + 1) - 1;

		if (last < 128) {
			assert_int_equal(middle(i), last);
			continue;
		}
		/* 0.8 % of either end */
		assert_true((middle(i) - hist_lower(i)) * 1000 <= hist_lower(i) * 8);
		assert_true((last - middle(i)) * 1000 <= last * 8);
	}
}

static void test_too_long_counts_as_longest(void **state)
{
	hist_add(&hist, TOP - 1);
	hist_add(&hist, TOP);
	hist_add(&hist, 3 * TOP);
	assert_int_equal(hist.count[HIST_BUCKETS - 1], 3);
	assert_int_equal(hist_index(~0ULL), HIST_BUCKETS - 1);
	assert_int_equal(hist.max, 3 * TOP);
	assert_int_equal(hist.sum, 5 * TOP - 1);
	assert_close(hist_quantile(&hist, 500000), TOP, 100);
}

static void test_no_values(void **state)
{
	assert_int_equal(hist_quantile(&hist, 0), 0);
	assert_int_equal(hist_quantile(&hist, 500000), 0);
	assert_int_equal(hist_quantile(&hist, 1000000), 0);
}

/* Never more than the greatest there was; 100 % is that one. */
static void test_equal_values(void **state)
{
	static const u64 values[] = { 0, 1, 100, 127, 128, 129, 1000, 12345, 99999999 };
	static const u32 quantiles[] = { 0, 1, 500000, 999999, 1000000 };
	unsigned int i, j, times;

	for (i = 0; i < ARRAY_SIZE(values); i++) {
		empty(state);
		for (times = 0; times < 3; times++) {
			hist_add(&hist, values[i]);
			for (j = 0; j < ARRAY_SIZE(quantiles); j++) {
				u64 got = hist_quantile(&hist, quantiles[j]);

				assert_close(got, values[i], 125);
				assert_true(got <= values[i]);
			}
		}
	}
}

static void test_quantile_of_few(void **state)
{
	static const u64 values[] = { 10, 20, 30, 40 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(values); i++)
		hist_add(&hist, values[i]);
	assert_int_equal(hist_quantile(&hist, 0), 10);
	assert_int_equal(hist_quantile(&hist, 249999), 10);
	assert_int_equal(hist_quantile(&hist, 250000), 20);
	assert_int_equal(hist_quantile(&hist, 749999), 30);
	assert_int_equal(hist_quantile(&hist, 1000000), 40);
}

/* ---- against a sorted array ---- */

static u64 uniform(u64 *rng)
{
	return 5000 + rng_below(rng, 100000);
}

/* Every order of magnitude as likely as the others. */
static u64 by_magnitude(u64 *rng)
{
	unsigned int bits = rng_below(rng, HIST_MAX_BITS - 8) + 8;

	return 1ULL << (bits - 1) | rng_next(rng) >> (65 - bits);
}

/* As latencies are: close together, and now and then a thousandfold. */
static u64 two_humps(u64 *rng)
{
	u64 value = 12000 + rng_below(rng, 4000);

	return rng_below(rng, 500) ? value : value * 1000 + rng_below(rng, 5000000);
}

static u64 in_steps(u64 *rng)
{
	return 417 * (20 + rng_below(rng, 5));
}

static int by_value(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return (x > y) - (x < y);
}

static void check_quantiles(u64 (*draw)(u64 *rng))
{
	static const u32 per_million[] = {
		0, 1000, 100000, 500000, 900000, 990000, 999000, 999900, 999999,
	};
	static u64 value[VALUES];
	u64 rng = rng_seed(1), sum = 0;
	unsigned int i;

	for (i = 0; i < VALUES; i++) {
		value[i] = draw(&rng);
		sum += value[i];
		hist_add(&hist, value[i]);
	}
	qsort(value, VALUES, sizeof(value[0]), by_value);
	assert_int_equal(hist.total, VALUES);
	assert_int_equal(hist.sum, sum);
	assert_int_equal(hist.max, value[VALUES - 1]);
	for (i = 0; i < ARRAY_SIZE(per_million); i++)
		assert_close(hist_quantile(&hist, per_million[i]),
			     value[(u64)VALUES * per_million[i] / 1000000], 100);
}

static void test_quantiles(void **state)
{
	static u64 (*const draws[])(u64 *rng) = {
		uniform, by_magnitude, two_humps, in_steps,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(draws); i++) {
		empty(state);
		check_quantiles(draws[i]);
	}
}

static void test_merge_is_as_one(void **state)
{
	u64 rng = rng_seed(2), value;
	unsigned int i;

	for (i = 0; i < VALUES; i++) {
		value = by_magnitude(&rng);
		hist_add(i % 3 ? &hist : &other, value);
		hist_add(&both, value);
	}
	hist_merge(&hist, &other);
	assert_memory_equal(&hist, &both, sizeof(hist));
	memset(&other, 0, sizeof(other));
	hist_merge(&hist, &other);
	assert_memory_equal(&hist, &both, sizeof(hist));
	hist_merge(&other, &hist);
	assert_memory_equal(&other, &both, sizeof(hist));
}

/* ---- random numbers ---- */

/* The generator's published numbers. */
static void test_random_is_xorshift64star(void **state)
{
	u64 rng = 1;

	assert_int_equal(rng_next(&rng), 0x47e4ce4b896cdd1dULL);
	assert_int_equal(rng_next(&rng), 0xabcfa6a8e079651dULL);
	assert_int_equal(rng_next(&rng), 0xb9d10d8feb731f57ULL);
}

static void test_random_repeats(void **state)
{
	u64 one = rng_seed(5), same = rng_seed(5), next = rng_seed(6), zero = rng_seed(0);
	unsigned int i, alike = 0;

	for (i = 0; i < 1000; i++) {
		u64 value = rng_next(&one);

		assert_int_equal(value, rng_next(&same));
		alike += value == rng_next(&next);
		assert_true(rng_next(&zero) != 0);
	}
	assert_int_equal(alike, 0);
}

static void test_no_seed_is_stuck(void **state)
{
	/* The one that the multiplication makes -1 of. */
	u64 inverse = 1, i;

	for (i = 0; i < 6; i++)
		inverse *= 2 - 0x9e3779b97f4a7c15ULL * inverse;
	assert_int_equal(inverse * 0x9e3779b97f4a7c15ULL, 1);
	assert_true(rng_seed(-inverse) != 0);
	assert_true(rng_seed(0) != 0);
}

/* Chi-square of 13 bins: over 45 is one in 100000. */
static void test_below_is_even(void **state)
{
	u64 rng = rng_seed(3);
	unsigned int count[13] = { 0 }, i;
	double chi = 0, mean = 10000;

	for (i = 0; i < 13 * mean; i++) {
		u32 value = rng_below(&rng, 13);

		assert_in_range(value, 0, 12);
		count[value]++;
	}
	for (i = 0; i < 13; i++)
		chi += (count[i] - mean) * (count[i] - mean) / mean;
	assert_true(chi < 45);
	assert_int_equal(rng_below(&rng, 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_buckets_adjoin, empty),
		cmocka_unit_test_setup(test_known_indices, empty),
		cmocka_unit_test_setup(test_middle_is_near, empty),
		cmocka_unit_test_setup(test_too_long_counts_as_longest, empty),
		cmocka_unit_test_setup(test_no_values, empty),
		cmocka_unit_test_setup(test_equal_values, empty),
		cmocka_unit_test_setup(test_quantile_of_few, empty),
		cmocka_unit_test_setup(test_quantiles, empty),
		cmocka_unit_test_setup(test_merge_is_as_one, empty),
		cmocka_unit_test(test_random_is_xorshift64star),
		cmocka_unit_test(test_random_repeats),
		cmocka_unit_test(test_no_seed_is_stuck),
		cmocka_unit_test(test_below_is_even),
	};

	return cmocka_run_group_tests_name("histogram and random numbers", tests, NULL,
					   NULL);
}
