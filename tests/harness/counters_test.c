// SPDX-License-Identifier: GPL-2.0-only
/*
 * The perf counters.  What a machine lacks is faked: a PMU behind the wrapped syscall()
 * (link with -Wl,--wrap=syscall), a seccomp filter that refuses.
 */
#include "counters.h"
#include "topology.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>

#include "harness.h"

#define FRESH_PAGES	512

enum { CYCLES, INSTRUCTIONS, CACHE_MISSES, SWITCHES, FAULTS, MIGRATIONS };

static int start_counters(void **state)
{
	(void)state;
	counters_init();
	return 0;
}

static void need(const struct counter_value *values, int event)
{
	if (values[event].valid)
		return;
	print_message("skipped: no %s here: %s\n", counter_events[event].name,
		      counters_note());
	skip();
}

static char *fresh_pages(void)
{
	size_t len = FRESH_PAGES * sysconf(_SC_PAGESIZE);
	char *pages = mmap(NULL, len, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED)
		return NULL;
	madvise(pages, len, MADV_NOHUGEPAGE);
	return pages;
}

/* A sanitizer's shadow memory would fault too. */
__attribute__((no_sanitize("address", "thread")))
static void touch(char *pages)
{
	long size = sysconf(_SC_PAGESIZE);
	int i;

	for (i = 0; i < FRESH_PAGES; i++)
		((volatile char *)pages)[i * size] = 1;
}

static void drop(char *pages)
{
	munmap(pages, FRESH_PAGES * sysconf(_SC_PAGESIZE));
}

/* A fault each, and some of the program's own. */
static void assert_fresh_pages(double faults, int times)
{
	assert_true(faults >= times * FRESH_PAGES);
	assert_true(faults < times * FRESH_PAGES + FRESH_PAGES / 4);
}

static void test_table(void **state)
{
	static const char *const per_op[] = {
		"cycles_per_op", "instructions_per_op", "cache_misses_per_op",
	};
	static const char *const total[] = {
		"context_switches", "page_faults", "cpu_migrations",
	};
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		assert_string_equal(counter_events[i].row_name, per_op[i]);
		assert_true(counter_events[i].per_op);
		assert_string_equal(counter_events[i + 3].row_name, total[i]);
		assert_false(counter_events[i + 3].per_op);
	}
}

static void test_note_names_what_is_missing(void **state)
{
	struct counter_value values[COUNTER_EVENTS];
	const char *note = counters_note();
	struct counters c;
	int i;

	(void)state;
	counters_open(&c);
	counters_start(&c);
	counters_stop(&c);
	counters_read(&c, values);
	counters_close(&c);
	for (i = 0; i < COUNTER_EVENTS; i++) {
		if (values[i].valid)
			continue;
		assert_non_null(note);
		assert_non_null(strstr(note, counter_events[i].name));
	}
	if (note)
		assert_null(strchr(note, '\n'));
}

static void test_counts_only_between_start_and_stop(void **state)
{
	char *before = fresh_pages(), *between = fresh_pages(), *after = fresh_pages();
	struct counter_value values[COUNTER_EVENTS];
	struct counters c;

	(void)state;
	counters_open(&c);
	touch(before);
	counters_start(&c);
	touch(between);
	counters_stop(&c);
	touch(after);
	counters_read(&c, values);
	counters_close(&c);
	drop(before);
	drop(between);
	drop(after);
	need(values, FAULTS);
	assert_fresh_pages(values[FAULTS].value, 1);
}

static void test_counts_add_up_over_pairs(void **state)
{
	struct counter_value values[COUNTER_EVENTS];
	struct counters c;
	char *pages;
	int i;

	(void)state;
	counters_open(&c);
	for (i = 0; i < 3; i++) {
		pages = fresh_pages();
		counters_start(&c);
		touch(pages);
		counters_stop(&c);
		drop(pages);
	}
	counters_read(&c, values);
	counters_close(&c);
	need(values, FAULTS);
	assert_fresh_pages(values[FAULTS].value, 3);
}

static void test_context_switches(void **state)
{
	const struct timespec nap = { .tv_nsec = 100000 };
	struct counter_value values[COUNTER_EVENTS];
	struct counters c;
	int i;

	(void)state;
	counters_open(&c);
	counters_start(&c);
	for (i = 0; i < 10; i++)
		nanosleep(&nap, NULL);
	counters_stop(&c);
	counters_read(&c, values);
	counters_close(&c);
	need(values, SWITCHES);
	assert_true(values[SWITCHES].value >= 10);
}

static void test_cpu_migrations(void **state)
{
	struct counter_value values[COUNTER_EVENTS];
	struct counters c;
	int i;

	(void)state;
	assert_int_equal(topology_init(), 0);
	if (topology_cpus() < 2) {
		topology_exit();
		SKIP("one usable CPU: nowhere to migrate to");
	}
	topology_pin(0);
	counters_open(&c);
	counters_start(&c);
	for (i = 1; i <= 10; i++)
		topology_pin(i % 2);
	counters_stop(&c);
	counters_read(&c, values);
	counters_close(&c);
	topology_unpin();
	topology_exit();
	need(values, MIGRATIONS);
	assert_int_equal(values[MIGRATIONS].value, 10);
}

static void test_instructions(void **state)
{
	struct counter_value values[COUNTER_EVENTS];
	volatile int spin;
	struct counters c;

	(void)state;
	counters_open(&c);
	counters_start(&c);
	for (spin = 0; spin < 1000000; spin++)
		;
	counters_stop(&c);
	counters_read(&c, values);
	counters_close(&c);
	need(values, INSTRUCTIONS);
	assert_true(values[INSTRUCTIONS].value >= 2e6);
	assert_true(values[INSTRUCTIONS].value < 2e7);
}

static void *count_faults(void *values)
{
	char *pages = fresh_pages();
	struct counters c;

	counters_open(&c);
	counters_start(&c);
	touch(pages);
	counters_stop(&c);
	counters_read(&c, values);
	counters_close(&c);
	drop(pages);
	return NULL;
}

static void test_threads_add_up(void **state)
{
	struct counter_value values[2][COUNTER_EVENTS];
	pthread_t threads[2];
	int i;

	(void)state;
	for (i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, count_faults,
						values[i]), 0);
	for (i = 0; i < 2; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	counters_add(values[0], values[1]);
	need(values[0], FAULTS);
	assert_fresh_pages(values[0][FAULTS].value, 2);
}

static void test_add_needs_both(void **state)
{
	struct counter_value sum[COUNTER_EVENTS] = {
		[CYCLES] = { 5, true },
		[INSTRUCTIONS] = { 7, true },
		[FAULTS] = { 1, false },
	};
	const struct counter_value other[COUNTER_EVENTS] = {
		[INSTRUCTIONS] = { 4, true },
		[FAULTS] = { 1, true },
	};

	(void)state;
	counters_add(sum, other);
	assert_false(sum[CYCLES].valid);
	assert_true(sum[INSTRUCTIONS].valid);
	assert_int_equal(sum[INSTRUCTIONS].value, 11);
	assert_false(sum[FAULTS].valid);
}

static int refusal;	/* what perf_event_open fails with in the child */

static void refuse_perf_event_open(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_perf_event_open, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | refusal),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

static const char *refusal_note;

static void counters_without_perf(void)
{
	struct counter_value values[COUNTER_EVENTS];
	struct counters c;
	int i;

	refuse_perf_event_open();
	counters_init();
	CHECK(counters_note() && strstr(counters_note(), refusal_note));
	counters_open(&c);
	counters_start(&c);
	counters_stop(&c);
	counters_read(&c, values);
	counters_close(&c);
	for (i = 0; i < COUNTER_EVENTS; i++) {
		CHECK(!values[i].valid);
		CHECK(strstr(counters_note(), counter_events[i].name));
	}
}

static void test_perf_refused(void **state)
{
	static const struct {
		int err;
		const char *note;
	} cases[] = {
		{ EACCES, "not permitted" },
		{ EPERM, "not permitted" },
		{ ENOSYS, "no perf_event_open" },
		{ EBUSY, "busy" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		refusal = cases[i].err;
		refusal_note = cases[i].note;
		in_child(counters_without_perf);
	}
}

/* What a read of the fake PMU's group gives: nr, enabled, running, values. */
static const uint64_t *fake_reading;

static long open_fake_hardware(int group)
{
	size_t len = 6 * sizeof(*fake_reading);
	int ends[2];

	if (group >= 0)
		return dup(group);
	CHECK(pipe(ends) == 0);
	CHECK(write(ends[1], fake_reading, len) == (ssize_t)len);
	close(ends[1]);
	return ends[0];
}

long __real_syscall(long nr, ...);

/* As libc's own: six arguments are read, however many the caller gave. */
__attribute__((no_sanitize_address)) long __wrap_syscall(long nr, ...)
{
	long arg[6];
	va_list args;
	int i;

	va_start(args, nr);
	for (i = 0; i < 6; i++)
		arg[i] = va_arg(args, long);
	va_end(args);
	if (fake_reading && nr == SYS_perf_event_open &&
	    ((struct perf_event_attr *)arg[0])->type == PERF_TYPE_HARDWARE)
		return open_fake_hardware(arg[3]);
	return __real_syscall(nr, arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]);
}

static void read_fake_hardware(struct counter_value *values, const uint64_t *reading)
{
	struct counters c;

	fake_reading = reading;
	counters_init();
	counters_open(&c);
	counters_start(&c);
	counters_stop(&c);
	counters_read(&c, values);
	counters_close(&c);
}

static void whole_hardware(void)
{
	static const uint64_t reading[6] = { 3, 100, 100, 1000, 2000, 0 };
	struct counter_value v[COUNTER_EVENTS];

	read_fake_hardware(v, reading);
	CHECK(v[CYCLES].valid && v[CYCLES].value == 1000);
	CHECK(v[INSTRUCTIONS].valid && v[INSTRUCTIONS].value == 2000);
	CHECK(v[CACHE_MISSES].valid && v[CACHE_MISSES].value == 0);
	CHECK(!counters_note() || !strstr(counters_note(), "cycles"));
}

static void shared_hardware(void)
{
	static const uint64_t reading[6] = { 3, 300, 100, 1000, 2000, 5 };
	struct counter_value v[COUNTER_EVENTS];

	read_fake_hardware(v, reading);
	CHECK(!v[CYCLES].valid && !v[INSTRUCTIONS].valid && !v[CACHE_MISSES].valid);
}

static void taken_hardware(void)
{
	static const uint64_t reading[6] = { 3, 300, 0, 0, 0, 0 };
	struct counter_value v[COUNTER_EVENTS];

	read_fake_hardware(v, reading);
	CHECK(!v[CYCLES].valid && !v[INSTRUCTIONS].valid && !v[CACHE_MISSES].valid);
	CHECK(!counters_note() || !strstr(counters_note(), "cycles"));
}

static void dead_hardware(void)
{
	static const uint64_t reading[6] = { 3, 100, 100, 0, 0, 0 };
	struct counter_value v[COUNTER_EVENTS];

	read_fake_hardware(v, reading);
	CHECK(!v[CYCLES].valid && !v[INSTRUCTIONS].valid && !v[CACHE_MISSES].valid);
	CHECK(strstr(counters_note(),
		     "cycles, instructions, cache-misses (counts nothing"));
}

static void test_hardware(void **state)
{
	(void)state;
	in_child(whole_hardware);
	in_child(shared_hardware);
	in_child(taken_hardware);
	in_child(dead_hardware);
}

/*
 * In user mode only, context switches and migrations would read as zero: they
 * must be missing instead, and page faults must not.
 */
static void counters_of_nobody(void)
{
	const struct timespec nap = { .tv_nsec = 100000 };
	struct counter_value values[COUNTER_EVENTS];
	struct counters c;

	CHECK(setuid(65534) == 0);
	counters_init();
	CHECK(strstr(counters_note(), "in user mode only:"));
	counters_open(&c);
	counters_start(&c);
	nanosleep(&nap, NULL);
	touch(fresh_pages());
	counters_stop(&c);
	counters_read(&c, values);
	counters_close(&c);
	CHECK(!values[SWITCHES].valid && !values[MIGRATIONS].valid);
	CHECK(values[FAULTS].valid && values[FAULTS].value >= FRESH_PAGES);
}

static void test_user_mode_only(void **state)
{
	FILE *file = fopen("/proc/sys/kernel/perf_event_paranoid", "r");
	int paranoid = -1;

	(void)state;
	if (file && fscanf(file, "%d", &paranoid) != 1)
		paranoid = -1;
	if (file)
		fclose(file);
	if (geteuid() != 0)
		SKIP("not root: cannot become nobody");
	if (paranoid != 2)
		SKIP("kernel.perf_event_paranoid is not 2, which allows user mode only");
	in_child(counters_of_nobody);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_note_names_what_is_missing),
		cmocka_unit_test(test_counts_only_between_start_and_stop),
		cmocka_unit_test(test_counts_add_up_over_pairs),
		cmocka_unit_test(test_context_switches),
		cmocka_unit_test(test_cpu_migrations),
		cmocka_unit_test(test_instructions),
		cmocka_unit_test(test_threads_add_up),
		cmocka_unit_test(test_add_needs_both),
		cmocka_unit_test(test_hardware),
		cmocka_unit_test(test_perf_refused),
		cmocka_unit_test(test_user_mode_only),
		};

	return cmocka_run_group_tests(tests, start_counters, NULL);
}
