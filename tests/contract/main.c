// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the contract on the variant this program is linked with, under cmocka and on
 * the shim: a device a test, and afterwards nothing may be left, of memory, log lines
 * and warnings alike.  A variant that can be told to check itself goes through it
 * twice.  DMAPOOL_TEST_SEED repeats a run's random inputs.  "contract torture SECONDS"
 * repeats the tests that take luck to fail, with other random inputs each time.
 *
 * Each test is a process of its own (apart.c), so that all of them run whatever
 * becomes of one.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "apart.h"
#include "contract.h"
#include "pages.h"
#include "prop.h"
#include "shim/shim.h"

#define PROGRESS_SECONDS 10

static struct traits traits;
static struct contract now = { .traits = &traits };
static const char *now_name;
static bool checked;
static bool capturing;
static char log_text[64 << 10];
static unsigned int warnings_before;
static long kmalloc_before;

/* The line by which the test that runs is known to fail. */
static void tell_why(const char *why)
{
	print_error("%s%s: %s: %s\n", traits.name, checked ? ", checked" : "", now_name,
		    why);
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
	tell_why(text);
	if (*log)
		print_error("the log says:\n%s", log);
	print_error("%s:%d\n", file, line);
	exit(EXIT_FAILURE);
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

void contract_sleep_ms(unsigned int ms)
{
	usleep(1000 * ms);
}

struct contract_thread {
	pthread_t thread;
	void (*work)(void *arg);
	void *arg;
};

static void *be_a_cpu(void *arg)
{
	struct contract_thread *thread = arg;

	shim_cpu_up();
	thread->work(thread->arg);
	return NULL;
}

struct contract_thread *contract_thread_start(void (*work)(void *arg), void *arg)
{
	struct contract_thread *thread = malloc(sizeof(*thread));

	if (!thread)
		return NULL;
	thread->work = work;
	thread->arg = arg;
	if (!pthread_create(&thread->thread, NULL, be_a_cpu, thread))
		return thread;
	free(thread);
	return NULL;
}

void contract_thread_join(struct contract_thread *thread)
{
	/* This CPU, too, may have work to do for the other. */
	shim_cpu_idle();
	pthread_join(thread->thread, NULL);
	shim_cpu_busy();
	free(thread);
}

bool contract_cpus_stay(void)
{
	return false;
}

unsigned long contract_shrink(unsigned long pages)
{
	return shim_shrink(pages);
}

size_t contract_dma_outstanding(struct device *dev)
{
	return shim_dma_outstanding(dev);
}

unsigned int contract_fail_nth(unsigned int n)
{
	return shim_fail_nth(n);
}

long contract_objects_outstanding(void)
{
	return shim_kmalloc_outstanding();
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

static void begin(void)
{
	shim_cpu_up();
	dma_pool_set_debug(checked);
	shim_log_capture();
	capturing = true;
	warnings_before = shim_warnings();
	kmalloc_before = shim_kmalloc_outstanding();

	now.dev = contract_device_create("dev0");
	now.checked = checked || traits.debug == DEBUG_BUILT_IN;
}

static void end(void)
{
	char buf[PAGE_SIZE];
	const char *log;

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
	apart_skip(reason);
}

static void run_apart(void *test)
{
	begin();
	((const struct contract_test *)test)->run(&now);
	end();
}

static void run(void **state)
{
	const struct contract_test *test = *state;
	const char *why, *skipped;

	now_name = test->name;
	why = apart(run_apart, (void *)test, &skipped);
	if (skipped) {
		print_message("skipped: %s\n", skipped);
		skip();
	}
	if (!why)
		return;
	if (*why)
		tell_why(why);
	fail();
}

static const struct contract_test *const suites[] = {
	hostile_tests, rules_tests, layout_tests, blocks_tests, bulk_tests, trim_tests,
	phases_tests, release_tests, stranded_tests, pools_file_tests, lifetime_tests,
	debug_tests, switch_tests, init_tests, failure_tests, context_tests,
	threads_tests, meanwhile_tests, irq_tests, NULL,
};

/* What depends on who comes when. */
static const struct contract_test *const tortures[] = {
	failure_tests, threads_tests, meanwhile_tests, irq_tests, NULL
};

/* What cannot be tried unchecked waits for its turn, if it is to have one. */
static bool waits(const struct contract_test *suite)
{
	return suite == debug_tests && !checked && traits.debug == DEBUG_SWITCH;
}

/* Lists the tests of this pass, if there is a place for them; how many. */
static size_t list_tests(const struct contract_test *const *suite,
			 struct CMUnitTest *units)
{
	const struct contract_test *test;
	size_t nr = 0;

	for (; *suite; suite++) {
		if (waits(*suite))
			continue;
		for (test = *suite; test->name; test++, nr++)
			if (units)
				units[nr] = (struct CMUnitTest) {
					.name = test->name,
					.test_func = run,
					.initial_state = (void *)test,
				};
	}
	return nr;
}

static int run_pass(const struct contract_test *const *suite)
{
	struct CMUnitTest units[list_tests(suite, NULL)];

	list_tests(suite, units);
	print_message("%s%s: DMAPOOL_TEST_SEED=%llu\n", traits.name,
		      checked ? ", checked" : "", (unsigned long long)prop_seed);
	return cmocka_run_group_tests(units, NULL, NULL);
}

/* How many tests fail. */
static int run_all(const struct contract_test *const *suite)
{
	int failed;

	checked = false;
	failed = run_pass(suite);
	checked = traits.debug == DEBUG_SWITCH;
	if (checked)
		failed += run_pass(suite);
	return failed;
}

static void tell(FILE *to, unsigned int round, time_t seconds, const char *what)
{
	fprintf(to, "%s: round %u, %ld s, DMAPOOL_TEST_SEED=%llu: %s\n",
		traits.name, round, (long)seconds, (unsigned long long)prop_seed, what);
	fflush(to);
}

/* At least one round.  Of the tests' own output only what fails is shown. */
static int torture(unsigned int seconds)
{
	FILE *progress = fdopen(dup(STDOUT_FILENO), "w");
	time_t start = time(NULL), told = 0, spent = 0;
	struct prop_rng rng = { prop_seed };
	unsigned int round = 1;
	int failed;

	if (!progress || !freopen("/dev/null", "w", stdout))
		return 1;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	tell(progress, round, spent, "begins");
	while (!(failed = run_all(tortures))) {
		spent = time(NULL) - start;
		if (spent >= seconds)
			break;
		if (spent >= told + PROGRESS_SECONDS)
			tell(progress, round, told = spent, "fine so far");
		prop_seed = prop_random(&rng);
		round++;
	}
	tell(progress, round, time(NULL) - start, failed ? "FAILS" : "fine");
	return failed;
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

static void probe_apart(void *result)
{
	struct device *dev;

	shim_cpu_up();
	dev = contract_device_create("probe");
	*(struct traits *)result = *contract_traits(dev);
	contract_device_destroy(dev);
}

/* A pool that does not survive the probe plays by mainline's present rules, as others. */
static void find_traits(void)
{
	struct traits *probed = apart_memory(sizeof(*probed));
	const char *skipped;

	*probed = contract_unprobed;
	apart(probe_apart, probed, &skipped);
	traits = *probed;
}

/* What tells an older kernel's file, and a change that goes back to what one did. */
static void tell_old_rules(void)
{
	static const struct {
		enum old_rule rule;
		const char *kernel, *words;
	} rules[] = {
		{ OLD_LEAST_SIZE, "6.4", "blocks of less than 16 bytes" },
		{ OLD_ANY_SIZE, "6.4", "sizes above INT_MAX are taken" },
		{ OLD_WASTE, "6.4", "no block ends at a boundary" },
		{ OLD_OVERRUN, "6.4", "a block may end past its page" },
		{ OLD_COUNT, "6.4", "blocks are counted that no page has room for" },
		{ OLD_INIT, "5.3", "init_on_alloc and init_on_free do nothing" },
		{ OLD_4_2, "4.3", "__GFP_ZERO zeroes no used block" },
	};
	bool all_of_6_3 = true;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rules); i++) {
		if (traits.old & rules[i].rule)
			print_message("%s: as before %s: %s\n", traits.name,
				      rules[i].kernel, rules[i].words);
		else if (!strcmp(rules[i].kernel, "6.4"))
			all_of_6_3 = false;
	}
	if (all_of_6_3)
		print_message("%s: a file of before 6.4\n", traits.name);
}

/* How many seconds of torture are asked for; -1 if none is. */
static long asked_for(int argc, char **argv)
{
	unsigned long seconds = -1;
	char *rest = "";

	if (argc > 1)
		seconds = strtoul(argv[argc - 1], &rest, 10);
	if (argc > 1 && (argc != 3 || strcmp(argv[1], "torture") || *rest ||
			 !*argv[2] || seconds > INT_MAX)) {
		fprintf(stderr, "contract: '%s' is not understood: call it alone or with "
			"torture SECONDS\n", argv[1]);
		exit(2);
	}
	return seconds;
}

int main(int argc, char **argv)
{
	long seconds = asked_for(argc, argv);

	choose_seed();
	find_traits();
	tell_old_rules();
	return (seconds < 0 ? run_all(suites) : torture(seconds)) ? 1 : 0;
}
