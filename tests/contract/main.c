// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the contract on the variant this program is linked with, under cmocka and on
 * the shim: a device a test, and afterwards nothing may be left, of memory, log lines
 * and warnings alike.  A variant that can be told to check itself goes through it
 * twice.  DMAPOOL_TEST_SEED repeats a run's random inputs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <signal.h>

#include <cmocka.h>

#include "contract.h"
#include "prop.h"
#include "shim/shim.h"

/* Far beyond any test's time on a busy machine: it hangs, in a lock for example. */
#define TEST_SECONDS 30

static struct contract now;
static const char *now_name;
static bool checked;
static bool capturing;
static char log_text[64 << 10];
static unsigned int warnings_before;
static long kmalloc_before;

static void hung(int sig)
{
	static const char text[] = ": hangs\n";

	if (write(STDERR_FILENO, now_name, strlen(now_name)) < 0 ||
	    write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(2);
	_exit(1);
}

void contract_fail(struct contract *t, const char *file, int line, const char *fmt, ...)
{
	char text[2048];
	const char *log;
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	log = contract_log(t);
	print_error("%s%s: %s\n", t->traits->name, t->checked ? ", checked" : "", text);
	if (*log)
		print_error("the log says:\n%s", log);
	_fail(file, line);
	abort();
}

const char *contract_why(struct contract *t, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(t->why, sizeof(t->why), fmt, args);
	va_end(args);
	return t->why;
}

static void release_log(void)
{
	if (capturing)
		shim_log_release();
	capturing = false;
}

const char *contract_log(struct contract *t)
{
	snprintf(log_text, sizeof(log_text), "%s", shim_log_text());
	release_log();
	shim_log_capture();
	capturing = true;
	return log_text;
}

unsigned int contract_warnings(struct contract *t)
{
	unsigned int fresh = shim_warnings() - warnings_before;

	warnings_before += fresh;
	return fresh;
}

struct device *contract_device_create(const char *name)
{
	return shim_device_create(name, NUMA_NO_NODE);
}

size_t contract_device_destroy(struct device *dev)
{
	return shim_device_destroy(dev);
}

unsigned long contract_shrink(unsigned long pages)
{
	return shim_shrink(pages);
}

size_t contract_dma_outstanding(struct device *dev)
{
	return shim_dma_outstanding(dev);
}

ssize_t contract_pools_file(struct device *dev, char *buf)
{
	return shim_device_read(dev, "pools", buf);
}

bool contract_pools_row(struct device *dev, const char *name, struct pools_row *row)
{
	char buf[PAGE_SIZE], *line, *rest;
	size_t length = strlen(name);

	if (contract_pools_file(dev, buf) < 0)
		return false;
	for (line = strtok_r(buf, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		if (!strncmp(line, name, length) && line[length] == ' ')
			return sscanf(line + length, "%zu %zu %zu %zu", &row->active,
				      &row->blocks, &row->stride, &row->pages) == 4;
	return false;
}

bool contract_same_memory(const void *vaddr, dma_addr_t dma)
{
	return shim_dma_to_virt(dma) == vaddr;
}

/* Also mends what a test that failed has left behind. */
static void begin(const char *name)
{
	shim_fail_nth(0);
	shim_init_on_alloc = false;
	shim_init_on_free = false;
	dma_pool_set_debug(checked);
	release_log();
	shim_log_capture();
	capturing = true;
	warnings_before = shim_warnings();
	kmalloc_before = shim_kmalloc_outstanding();

	now_name = name;
	now.dev = contract_device_create("dev0");
	now.checked = checked || now.traits->debug == DEBUG_BUILT_IN;
	alarm(TEST_SECONDS);
}

static void end(void)
{
	char buf[PAGE_SIZE];
	const char *log;

	alarm(0);
	CHECK(&now, contract_pools_file(now.dev, buf) < 0, "a pool is left:\n%s", buf);
	CHECK_EQ(&now, contract_device_destroy(now.dev), 0,
		 "bytes of coherent memory left behind");
	CHECK_EQ(&now, shim_kmalloc_outstanding(), kmalloc_before,
		 "kmalloc objects left behind");
	CHECK_EQ(&now, contract_warnings(&now), 0, "warnings nobody expected");
	log = contract_log(&now);
	CHECK(&now, !*log, "the log says what nobody expected:\n%s", log);
	release_log();
}

void contract_skip(struct contract *t, const char *reason)
{
	end();
	print_message("skipped: %s\n", reason);
	skip();
	abort();
}

static void run(void **state)
{
	const struct contract_test *test = *state;

	begin(test->name);
	test->run(&now);
	end();
}

static const struct contract_test *const suites[] = {
	rules_tests, layout_tests, blocks_tests, bulk_tests, trim_tests,
	pools_file_tests, lifetime_tests, debug_tests, switch_tests, init_tests,
	failure_tests, context_tests, threads_tests, irq_tests,
};

/* What cannot be tried unchecked waits for its turn, if it is to have one. */
static bool waits(const struct contract_test *suite)
{
	return suite == debug_tests && !checked && now.traits->debug == DEBUG_SWITCH;
}

/* Lists the tests of this pass, if there is a place for them; how many. */
static size_t list_tests(struct CMUnitTest *units)
{
	const struct contract_test *test;
	size_t nr = 0, i;

	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		if (waits(suites[i]))
			continue;
		for (test = suites[i]; test->name; test++, nr++)
			if (units)
				units[nr] = (struct CMUnitTest) {
					.name = test->name,
					.test_func = run,
					.initial_state = (void *)test,
				};
	}
	return nr;
}

static int run_all(void)
{
	struct CMUnitTest units[list_tests(NULL)];

	list_tests(units);
	print_message("%s%s: DMAPOOL_TEST_SEED=%llu\n", now.traits->name,
		      checked ? ", checked" : "", (unsigned long long)prop_seed);
	return cmocka_run_group_tests(units, NULL, NULL);
}

static void choose_seed(void)
{
	const char *given = getenv("DMAPOOL_TEST_SEED");
	struct timespec time;
	char *rest;

	clock_gettime(CLOCK_REALTIME, &time);
	prop_seed = given ? strtoull(given, &rest, 0) : time.tv_nsec ^ time.tv_sec << 20;
	if (given && (!*given || *rest)) {
		fprintf(stderr, "contract: '%s' is no seed: set DMAPOOL_TEST_SEED to a "
			"number\n", given);
		exit(2);
	}
}

static const struct traits *find_traits(void)
{
	struct device *dev = contract_device_create("probe");
	const struct traits *traits = contract_traits(dev);

	contract_device_destroy(dev);
	return traits;
}

int main(void)
{
	int failed;

	choose_seed();
	signal(SIGALRM, hung);
	shim_cpu_up();
	now.traits = find_traits();

	failed = run_all();
	checked = now.traits->debug == DEBUG_SWITCH;
	if (checked)
		failed += run_all();
	return failed ? 1 : 0;
}
