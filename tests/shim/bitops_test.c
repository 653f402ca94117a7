// SPDX-License-Identifier: GPL-2.0-only
/* Bits: searches and rotations at the ends of a word, and atomic bits in an array. */
#include <linux/bitops.h>

#include "shim_test.h"

static void searches_count_from_the_right_end(void **state)
{
	assert_int_equal(__ffs(1), 0);
	assert_int_equal(__ffs(1UL << 63 | 1UL << 40), 40);
	assert_int_equal(fls64(0), 0);
	assert_int_equal(fls64(1), 1);
	assert_int_equal(fls64(~0ULL), 64);
}

static void a_rotation_loses_no_bit(void **state)
{
	assert_true(rol64(0x123456789abcdef0, 0) == 0x123456789abcdef0);
	assert_true(rol64(0x123456789abcdef0, 4) == 0x23456789abcdef01);
	assert_true(rol64(0x123456789abcdef0, 32) == 0x9abcdef012345678);
	assert_true(rol64(1, 63) == 1ULL << 63);
}

static void atomic_bits_say_what_they_were(void **state)
{
	unsigned long map[2] = { 0 };

	assert_false(test_and_set_bit(65, map));
	assert_true(test_and_set_bit(65, map));
	assert_int_equal(map[0], 0);
	assert_int_equal(map[1], 2);
	assert_true(test_and_clear_bit(65, map));
	assert_false(test_and_clear_bit(65, map));
	assert_int_equal(map[1], 0);
}

int bitops_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(searches_count_from_the_right_end),
		cmocka_unit_test(a_rotation_loses_no_bit),
		cmocka_unit_test(atomic_bits_say_what_they_were),
	};

	return cmocka_run_group_tests_name("bitops", tests, NULL, NULL);
}
