// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is decided when a kernel is configured and booted: options, static keys,
 * parameters and initcalls; here booted with every option that has to do with debugging.
 */
#define SHIM_BOOT_DEBUG
#include <linux/module.h>
#include <linux/static_key.h>

#include "shim_test.h"

#define CONFIG_IS_SET	1

static void a_config_option_is_on_if_it_is_1(void **state)
{
	assert_int_equal(IS_ENABLED(CONFIG_IS_SET), 1);
	assert_int_equal(IS_BUILTIN(CONFIG_IS_SET), 1);
	assert_int_equal(IS_ENABLED(CONFIG_IS_NOT), 0);
}

static DEFINE_STATIC_KEY_FALSE(off);
static DEFINE_STATIC_KEY_TRUE(on);

static void a_key_turns_its_branch(void **state)
{
	assert_false(static_branch_unlikely(&off));
	assert_true(static_branch_likely(&on));
	static_branch_enable(&off);
	static_branch_disable(&on);
	assert_true(static_branch_unlikely(&off));
	assert_true(static_key_enabled(&off));
	assert_false(static_branch_likely(&on));
	static_branch_disable(&off);
	static_branch_enable(&on);
}

static void a_key_counts_who_needs_it(void **state)
{
	static_branch_inc(&off);
	static_branch_inc(&off);
	static_branch_dec(&off);
	assert_true(static_branch_unlikely(&off));
	static_branch_dec(&off);
	assert_false(static_branch_unlikely(&off));
}

/* Up to 4.2. */
static void an_old_key_turns_its_branch(void **state)
{
	static struct static_key key = STATIC_KEY_INIT_FALSE;

	assert_false(static_key_false(&key));
	static_key_slow_inc(&key);
	assert_true(static_key_false(&key));
	static_key_slow_dec(&key);
	assert_false(static_key_enabled(&key));
}

static DEFINE_STATIC_KEY_FALSE(pool_debug_enabled);
static char plain[8] = "-", valued[8] = "-", early[8] = "-", other[8] = "-";

static int __init set_plain(char *value)
{
	strcpy(plain, value);
	return 1;
}
__setup("pool_debug", set_plain);

static int __init set_valued(char *value)
{
	strcpy(valued, value);
	return 1;
}
__setup("pool_debug=", set_valued);

static int __init set_early(char *value)
{
	strcpy(early, value);
	return 0;
}
early_param("early_debug", set_early);

static int __init set_other(char *value)
{
	strcpy(other, value);
	return 1;
}
__setup("pool_size=", set_other);

static void a_boot_option_is_called_with_its_value(void **state)
{
	assert_string_equal(plain, "");
	assert_string_equal(valued, "1");
	assert_string_equal(early, "1");
	assert_string_equal(other, "-");
	assert_true(static_branch_unlikely(&pool_debug_enabled));
}

static bool debug;
static unsigned int debug_level, depth = 3;
module_param(debug, bool, 0444);
module_param_named(debug_depth, debug_level, uint, 0644);
module_param(depth, uint, 0644);

static void a_parameter_is_set_by_its_name(void **state)
{
	assert_true(debug);
	assert_int_equal(debug_level, 1);
	assert_int_equal(depth, 3);
}

static int called, left;

static int __init start(void)
{
	called++;
	return 0;
}
module_init(start);

static void __exit leave(void)
{
	left++;
}
module_exit(leave);

static void an_initcall_was_called_before_main(void **state)
{
	assert_int_equal(called, 1);
	assert_int_equal(left, 0);
}

int boot_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_config_option_is_on_if_it_is_1),
		cmocka_unit_test(a_key_turns_its_branch),
		cmocka_unit_test(a_key_counts_who_needs_it),
		cmocka_unit_test(an_old_key_turns_its_branch),
		cmocka_unit_test(a_boot_option_is_called_with_its_value),
		cmocka_unit_test(a_parameter_is_set_by_its_name),
		cmocka_unit_test(an_initcall_was_called_before_main),
	};

	return cmocka_run_group_tests_name("boot", tests, NULL, NULL);
}
