// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the contract on the variant this module is linked with, under KUnit: a device a
 * test, and afterwards nothing may be left, of memory, log lines and warnings alike.  A
 * variant that can be told to check itself goes through it twice.
 */
#include <kunit/test.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "fault.h"
#include "log.h"
#include "tests/contract/contract.h"
#include "tests/contract/pages.h"
#include "tests/contract/prop.h"

/* Of a suite; KUnit's list of them ends with one that has no name. */
#define MAX_TESTS 128

module_param_named(seed, prop_seed, ullong, 0444);
MODULE_PARM_DESC(seed, "of all random inputs; 0: another one each time");

/* Of tests/contract/, what needs nothing of the shim's. */
static const struct contract_test *const files[] = {
	rules_tests, layout_tests, blocks_tests, bulk_tests, trim_tests, phases_tests,
	release_tests, stranded_tests, pools_file_tests, lifetime_tests, debug_tests,
	switch_tests, failure_tests, context_tests, threads_tests, meanwhile_tests,
};

static struct contract now;
static struct kunit *running;
static bool checked;

void contract_fail(struct contract *t, const char *file, int line, const char *fmt, ...)
{
	struct va_format text;
	va_list args;

	va_start(args, fmt);
	text.fmt = fmt;
	text.va = &args;
	kunit_err(running, "%s:%d: %pV", kbasename(file), line, &text);
	va_end(args);
	kunit_set_failure(running);
	kunit_try_catch_throw(&running->try_catch);
}

void contract_skip(struct contract *t, const char *reason)
{
	kunit_skip(running, "%s", reason);
}

static const struct contract_test *find_in(const struct contract_test *file,
					   const char *name)
{
	for (; file->name; file++)
		if (!strcmp(file->name, name))
			return file;
	return NULL;
}

/* Why a test is not for a kernel, or not for this one. */
static const char *unfit(const char *name)
{
	if (!fault_possible() && find_in(failure_tests, name))
		return "no call of this kernel's can be made to fail: it lacks FAILSLAB";
	if (!strcmp(name, "create_under_a_lock_warns"))
		return "it would sleep under a lock in earnest";
	if (!strstr(name, "_under_a_lock_warns"))
		return NULL;
	if (!IS_ENABLED(CONFIG_DEBUG_ATOMIC_SLEEP))
		return "this kernel does not warn: it lacks DEBUG_ATOMIC_SLEEP";
	/* It warns once a second. */
	ssleep(2);
	return NULL;
}

/* They are options of the kernel that is booted, and that is never older than 5.3. */
bool contract_ignores_init(struct device *dev)
{
	return false;
}

static int begin(struct kunit *test)
{
	running = test;
	contract_fail_nth(0);
	pages_watch(NULL);
	dma_pool_set_debug(checked);
	/* What the tests know of a CPU's caches is of one that they stay on. */
	set_cpus_allowed_ptr(current, cpumask_of(0));
	now.checked = checked || now.traits->debug == DEBUG_BUILT_IN;
	now.dev = contract_device_create("dev0");
	log_begin();
	return now.dev ? 0 : -ENOMEM;
}

/* After every test, whatever became of it. */
static void end(struct kunit *test)
{
	contract_fail_nth(0);
	if (now.dev)
		contract_device_destroy(now.dev);
	now.dev = NULL;
}

static void check_nothing_is_left(void)
{
	struct device *dev = now.dev;
	static char buf[PAGE_SIZE];
	const char *log;

	CHECK(&now, contract_pools_file(dev, buf) < 0, "a pool is left:\n%s", buf);
	now.dev = NULL;
	CHECK_EQ(&now, contract_device_destroy(dev), 0,
		 "bytes of coherent memory left behind");
	CHECK_EQ(&now, contract_warnings(&now), 0, "warnings nobody expected");
	log = contract_log(&now);
	CHECK(&now, !*log, "the log says what nobody expected:\n%s", log);
}

static const struct contract_test *find_test(const char *name)
{
	const struct contract_test *test = NULL;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(files) && !test; i++)
		test = find_in(files[i], name);
	return test;
}

static void run(struct kunit *test)
{
	const char *why = unfit(test->name);

	if (why)
		kunit_skip(test, "%s", why);
	find_test(test->name)->run(&now);
	check_nothing_is_left();
}

static int begin_plain(struct kunit_suite *suite)
{
	checked = false;
	return 0;
}

static int begin_checked(struct kunit_suite *suite)
{
	checked = true;
	return 0;
}

static struct kunit_case plain_cases[MAX_TESTS + 1], checked_cases[MAX_TESTS + 1];

static struct kunit_suite plain_suite = {
	.name = VARIANT_NAME, .suite_init = begin_plain, .init = begin, .exit = end,
	.test_cases = plain_cases,
};

static struct kunit_suite checked_suite = {
	.name = VARIANT_NAME "-checked", .suite_init = begin_checked, .init = begin,
	.exit = end, .test_cases = checked_cases,
};

kunit_test_suites(&plain_suite, &checked_suite);

/* What cannot be tried unchecked waits for its turn, if it is to have one. */
static bool waits(const struct contract_test *file, bool for_checks)
{
	return file == debug_tests && !for_checks && now.traits->debug == DEBUG_SWITCH;
}

static void __init list_cases(struct kunit_case *cases, bool for_checks)
{
	struct kunit_case *end = cases + MAX_TESTS;
	const struct contract_test *test;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		if (waits(files[i], for_checks))
			continue;
		for (test = files[i]; test->name && !WARN_ON(cases == end); test++) {
			*cases = (struct kunit_case)KUNIT_CASE(run);
			cases++->name = test->name;
		}
	}
}

/* KUnit runs the suites when this is done. */
static int __init suite_init(void)
{
	struct device *dev = contract_device_create("probe");

	if (!dev)
		return -ENOMEM;
	now.traits = contract_traits(dev);
	contract_device_destroy(dev);
	if (!prop_seed)
		prop_seed = get_random_u64();
	pr_info("%s: seed=%llu\n", VARIANT_NAME, prop_seed);
	list_cases(plain_cases, false);
	if (now.traits->debug == DEBUG_SWITCH)
		list_cases(checked_cases, true);
	return 0;
}
module_init(suite_init);

static void __exit suite_exit(void)
{
	/* The pool's RCU callbacks may have done their work, but not returned. */
	rcu_barrier();
}
module_exit(suite_exit);

MODULE_DESCRIPTION("dmapool-bench: the contract of the pool " VARIANT_NAME);
MODULE_LICENSE("GPL");
