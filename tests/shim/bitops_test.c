// SPDX-License-Identifier: GPL-2.0-only
/* Searches and rotations of bits, at the ends of a word. */
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

int bitops_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(searches_count_from_the_right_end),
		cmocka_unit_test(a_rotation_loses_no_bit),
	};

	return cmocka_run_group_tests_name("bitops", tests, NULL, NULL);
}
