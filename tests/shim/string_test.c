// SPDX-License-Identifier: GPL-2.0-only
/* The kernel's string helpers: what they return where libc's differ, and bounds. */
#include <errno.h>
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

int string_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scnprintf_tells_what_it_wrote),
		cmocka_unit_test(strscpy_tells_the_length_or_that_it_cut),
	};

	return cmocka_run_group_tests_name("string", tests, NULL, NULL);
}
