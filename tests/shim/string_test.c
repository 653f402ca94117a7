// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's string helpers: what they return where libc's differ, and bounds; and its
 * arithmetic.
 */
#include <errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "shim_test.h"

static void scnprintf_tells_what_it_wrote(void **state)
{
	char buf[8] = "1234567";

	assert_int_equal(scnprintf(buf, 4, "%s", "ab"), 2);
	assert_string_equal(buf, "ab");
	assert_int_equal(scnprintf(buf, 4, "%s", "abc"), 3);
	assert_int_equal(scnprintf(buf, 4, "%s", "abcdef"), 3);
	assert_string_equal(buf, "abc");
	assert_int_equal(scnprintf(buf, 1, "%s", "xyz"), 0);
	assert_string_equal(buf, "");
	assert_int_equal(scnprintf(buf + 1, 0, "%s", "xyz"), 0);
	assert_string_equal(buf + 1, "bc");
	assert_string_equal(buf + 4, "567");
}

static void scnprintf_knows_the_size_of_old_kernels(void **state)
{
	char buf[64];

	assert_int_equal(scnprintf(buf, sizeof(buf), "%%Z %4Zu%Zu", (size_t)17, SIZE_MAX),
			 27);
	assert_string_equal(buf, "%Z   1718446744073709551615");
}

static void strscpy_tells_the_length_or_that_it_cut(void **state)
{
	char buf[8] = "1234567";

	assert_int_equal(strscpy(buf, "", 4), 0);
	assert_string_equal(buf, "");
	assert_int_equal(strscpy(buf, "abc", 4), 3);
	assert_string_equal(buf, "abc");
	assert_int_equal(strscpy(buf, "wxyz", 4), -E2BIG);
	assert_string_equal(buf, "wxy");
	assert_int_equal(strscpy(buf, "z", 1), -E2BIG);
	assert_string_equal(buf, "");
	assert_int_equal(strscpy(buf + 1, "z", 0), -E2BIG);
	assert_string_equal(buf + 1, "xy");
	assert_string_equal(buf + 4, "567");
}

static void strscpy_knows_an_arrays_size(void **state)
{
	char buf[4];

	assert_int_equal(strscpy(buf, "abc"), 3);
	assert_int_equal(strscpy(buf, "wxyz"), -E2BIG);
	assert_string_equal(buf, "wxy");
}

static void strlcpy_tells_the_length_there_was(void **state)
{
	char buf[8] = "1234567";

	assert_int_equal(strlcpy(buf, "ab", 4), 2);
	assert_string_equal(buf, "ab");
	assert_int_equal(strlcpy(buf, "wxyz!", 4), 5);
	assert_string_equal(buf, "wxy");
	assert_int_equal(strlcpy(buf, "z", 0), 1);
	assert_string_equal(buf, "wxy");
	assert_string_equal(buf + 4, "567");
}

static void memchr_inv_finds_the_first_other_byte(void **state)
{
	u8 poison[16];

	memset(poison, 0xa7, sizeof(poison));
	assert_null(memchr_inv(poison, 0xa7, sizeof(poison)));
	assert_null(memchr_inv(poison, 1, 0));
	poison[15] = 1;
	assert_ptr_equal(memchr_inv(poison, 0xa7, sizeof(poison)), &poison[15]);
	poison[3] = 0;
	assert_ptr_equal(memchr_inv(poison, 0xa7, sizeof(poison)), &poison[3]);
}

static void memzero_explicit_zeroes(void **state)
{
	char buf[4] = "abc";

	memzero_explicit(buf, 2);
	assert_memory_equal(buf, "\0\0c", 4);
}

static void yes_and_no_have_many_words(void **state)
{
	static const char *const yes[] = { "y", "Y", "t", "1", "on", "ON", "yes" };
	static const char *const no[] = { "n", "N", "f", "0", "off", "OFF", "no" };
	static const char *const neither[] = { "", "o", "2", "x" };
	bool got;

	for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
		assert_int_equal(kstrtobool(yes[i], &got), 0);
		assert_true(got);
		assert_int_equal(kstrtobool(no[i], &got), 0);
		assert_false(got);
	}
	for (size_t i = 0; i < ARRAY_SIZE(neither); i++)
		assert_int_equal(kstrtobool(neither[i], &got), -EINVAL);
	assert_int_equal(kstrtobool(NULL, &got), -EINVAL);
}

static void numbers_are_rounded_to_a_power_or_a_multiple(void **state)
{
	char *p = (char *)0x1001;

	assert_int_equal(ALIGN(17, 8), 24);
	assert_int_equal(ALIGN_DOWN(23, 8), 16);
	assert_int_equal(round_up(16, 8), 16);
	assert_int_equal(round_down(7, 8), 0);
	assert_int_equal(roundup(10, 3), 12);
	assert_int_equal(rounddown(10, 3), 9);
	assert_true(IS_ALIGNED(24, 8));
	assert_false(IS_ALIGNED(28, 8));
	assert_ptr_equal(PTR_ALIGN(p, 16), 0x1010);
	assert_int_equal(upper_32_bits(0x123456789ULL), 1);
	assert_int_equal(lower_32_bits(0x123456789ULL), 0x23456789);
	assert_int_equal(max3(1, 3, 2), 3);
	assert_int_equal(clamp(9, 1, 5), 5);
	assert_int_equal(clamp_val((u8)0, 1, 5), 1);
}

int string_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scnprintf_tells_what_it_wrote),
		cmocka_unit_test(scnprintf_knows_the_size_of_old_kernels),
		cmocka_unit_test(strscpy_tells_the_length_or_that_it_cut),
		cmocka_unit_test(strscpy_knows_an_arrays_size),
		cmocka_unit_test(strlcpy_tells_the_length_there_was),
		cmocka_unit_test(memchr_inv_finds_the_first_other_byte),
		cmocka_unit_test(memzero_explicit_zeroes),
		cmocka_unit_test(yes_and_no_have_many_words),
		cmocka_unit_test(numbers_are_rounded_to_a_power_or_a_multiple),
	};

	return cmocka_run_group_tests_name("string", tests, NULL, NULL);
}
