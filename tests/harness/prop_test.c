// SPDX-License-Identifier: GPL-2.0-only
/*
 * The contract's random checks themselves: what fails is made as small as it fails, and
 * what one input did is not laid at the next one's door.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../contract/prop.h"

/* A check that fails ends there, and leaves its inputs behind. */
const char *__lsan_default_options(void)
{
	return "detect_leaks=0";
}

static jmp_buf failed;
static char complaint[512];
static const char *logged = "";
static unsigned int warnings;

void contract_fail(struct contract *t, const char *file, int line, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(complaint, sizeof(complaint), fmt, args);
	va_end(args);
	longjmp(failed, 1);
}

const char *contract_log(struct contract *t)
{
	const char *text = logged;

	logged = "";
	return text;
}

unsigned int contract_warnings(struct contract *t)
{
	unsigned int fresh = warnings;

	warnings = 0;
	return fresh;
}

static void draw(struct prop_rng *rng, void *input)
{
	*(u32 *)input = 50 + prop_below(rng, 50);
}

static bool shrink(void *input, unsigned int n)
{
	if (n == 0)
		*(u32 *)input /= 2;
	else if (*(u32 *)input)
		--*(u32 *)input;
	return n < 2;
}

static void print(const void *input, char *text, size_t size)
{
	snprintf(text, size, "%u", *(const u32 *)input);
}

static const char *is_fine(struct contract *t, const void *input)
{
	return NULL;
}

static const char *fails(struct contract *t, const void *input)
{
	return *(const u32 *)input >= 10 ? "it is 10 or more" : NULL;
}

static const char *warns(struct contract *t, const void *input)
{
	warnings += *(const u32 *)input >= 10;
	return NULL;
}

static const char *fails_and_warns(struct contract *t, const void *input)
{
	warns(t, input);
	return fails(t, input);
}

static const char *logs(struct contract *t, const void *input)
{
	if (*(const u32 *)input >= 10)
		logged = "a line";
	return NULL;
}

static const char *fails_and_logs(struct contract *t, const void *input)
{
	logs(t, input);
	return fails(t, input);
}

/* What a property of this fault is found to be. */
static const char *outcome(const char *(*fault)(struct contract *t, const void *input))
{
	const struct prop prop = {
		.size = sizeof(u32), .runs = 20, .draw = draw, .shrink = shrink,
		.fault = fault, .print = print,
	};
	struct contract t = { 0 };

	complaint[0] = '\0';
	if (!setjmp(failed))
		prop_check(&t, &prop);
	return complaint;
}

static void test_what_holds_passes(void **state)
{
	assert_string_equal(outcome(is_fine), "");
}

static void test_what_fails_is_shrunk(void **state)
{
	assert_string_equal(outcome(fails), "it is 10 or more\n  with 10");
	assert_string_equal(outcome(warns), "it warns\n  with 10");
	assert_string_equal(outcome(logs), "the log says: a line\n  with 10");
}

static void test_a_failure_may_warn_too(void **state)
{
	assert_string_equal(outcome(fails_and_warns), "it is 10 or more\n  with 10");
	assert_string_equal(outcome(fails_and_logs), "it is 10 or more\n  with 10");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_holds_passes),
		cmocka_unit_test(test_what_fails_is_shrunk),
		cmocka_unit_test(test_a_failure_may_warn_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
