// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the harness's view of the machine: topology, counters, fingerprint.
 * What a machine lacks is faked (a synthetic hwloc topology, a PMU behind the
 * wrapped syscall(), a seccomp filter, a tree of /proc and /sys files); where it
 * cannot be, the test skips and says why. Link with -Wl,--wrap=syscall.
 */
#include "counters.h"
#include "fingerprint.h"
#include "topology.h"

#include <errno.h>
#include <ftw.h>
#include <linux/filter.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define SKIP(why)							\
	do {								\
		print_message("skipped: %s\n", why);			\
		skip();							\
	} while (0)

/* For children, where cmocka's asserts would run the parent's other tests. */
#define CHECK(truth)							\
	do {								\
		if (!(truth)) {						\
			print_error("%s:%d: not so: %s\n", __FILE__,	\
				    __LINE__, #truth);			\
			_exit(1);					\
		}							\
	} while (0)

/* What must not happen to this process happens in a child. */
static void in_child(void (*body)(void))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		body();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static cpu_set_t affinity(void)
{
	cpu_set_t mask;

	assert_int_equal(sched_getaffinity(0, sizeof(mask), &mask), 0);
	return mask;
}

static int last_cpu(const cpu_set_t *mask)
{
	int cpu = CPU_SETSIZE - 1;

	while (!CPU_ISSET(cpu, mask))
		cpu--;
	return cpu;
}

/* ---- topology ---- */

static int start_topology(void **state)
{
	(void)state;
	return topology_init();
}

static int stop_topology(void **state)
{
	(void)state;
	topology_unpin();
	topology_exit();
	return 0;
}

static void test_cpus_are_those_of_the_mask(void **state)
{
	cpu_set_t mask = affinity();
	int i;

	(void)state;
	assert_int_equal(topology_cpus(), CPU_COUNT(&mask));
	for (i = 0; i < topology_cpus(); i++) {
		assert_true(CPU_ISSET(topology_os_cpu(i), &mask));
		CPU_CLR(topology_os_cpu(i), &mask);
	}
	assert_int_equal(CPU_COUNT(&mask), 0);
}

static void test_pin_moves_and_unpin_frees(void **state)
{
	cpu_set_t before = affinity(), after;
	int i;

	(void)state;
	for (i = 0; i < topology_cpus(); i++) {
		assert_int_equal(topology_pin(i), 0);
		assert_int_equal(sched_getcpu(), topology_os_cpu(i));
		after = affinity();
		assert_int_equal(CPU_COUNT(&after), 1);
	}
	assert_int_equal(topology_unpin(), 0);
	after = affinity();
	assert_true(CPU_EQUAL(&before, &after));
}

static void test_no_such_cpu(void **state)
{
	(void)state;
	assert_int_equal(topology_pin(-1), -EINVAL);
	assert_int_equal(topology_pin(topology_cpus()), -EINVAL);
	assert_int_equal(topology_os_cpu(-1), -EINVAL);
	assert_int_equal(topology_os_cpu(topology_cpus()), -EINVAL);
}

static void *pin_to_first(void *cpu)
{
	if (topology_pin(0) == 0)
		*(int *)cpu = sched_getcpu();
	return NULL;
}

static void test_pin_is_the_threads_own(void **state)
{
	cpu_set_t before = affinity(), after;
	pthread_t thread;
	int cpu = -1;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, pin_to_first, &cpu), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(cpu, topology_os_cpu(0));
	after = affinity();
	assert_true(CPU_EQUAL(&before, &after));
}

static void restricted_to_last_cpu(void)
{
	cpu_set_t given = affinity(), after;
	int last = last_cpu(&given);
	char text[128], expected[128];

	CPU_ZERO(&given);
	CPU_SET(last, &given);
	CHECK(sched_setaffinity(0, sizeof(given), &given) == 0);
	CHECK(topology_init() == 0);
	CHECK(topology_cpus() == 1);
	CHECK(topology_os_cpu(0) == last);
	CHECK(topology_pin(0) == 0 && sched_getcpu() == last);
	CHECK(topology_unpin() == 0);
	after = affinity();
	CHECK(CPU_EQUAL(&given, &after));
	topology_describe(text, sizeof(text));
	snprintf(expected, sizeof(expected), "cpus %d of mask %d; 1 core, 1 NUMA node",
		 last, last);
	CHECK(strcmp(text, expected) == 0);
	topology_exit();
}

static void test_restricted_mask(void **state)
{
	cpu_set_t mask = affinity();

	(void)state;
	if (CPU_COUNT(&mask) == 1)
		SKIP("one usable CPU: its mask cannot be restricted further");
	in_child(restricted_to_last_cpu);
}

static const char *synthetic;	/* hwloc's description of a machine */
static const char *described;	/* what topology_describe() says of it */

static void describe_synthetic(void)
{
	char text[256];

	setenv("HWLOC_SYNTHETIC", synthetic, 1);
	CHECK(topology_init() == 0);
	topology_describe(text, sizeof(text));
	if (strcmp(text, described))
		print_error("%s: %s\n", synthetic, text);
	CHECK(strcmp(text, described) == 0);
	topology_describe(text, 6);
	CHECK(strcmp(text, "cpus ") == 0);
	topology_exit();
}

static void test_order(void **state)
{
	static const char *const machines[][2] = {
		{ "node:2 l3:2 core:2 pu:2",
		  "cpus 0,2,4,6,8,10,12,14,1,3,5,7,9,11,13,15 of mask 0-15; "
		  "8 cores, 2 NUMA nodes" },
		/* siblings numbered apart, as on most x86 machines */
		{ "node:1 l3:1 core:4 pu:2(indexes=0,4,1,5,2,6,3,7)",
		  "cpus 0,1,2,3,4,5,6,7 of mask 0-7; 4 cores, 1 NUMA node" },
		/* neighbours numbered apart: even CPUs on one node, odd on the other */
		{ "node:2 core:3 pu:1(indexes=0,2,4,1,3,5)",
		  "cpus 0,2,4,1,3,5 of mask 0-5; 6 cores, 2 NUMA nodes" },
		{ "node:1 core:1 pu:4",
		  "cpus 0,1,2,3 of mask 0-3; 1 core, 1 NUMA node" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		synthetic = machines[i][0];
		described = machines[i][1];
		in_child(describe_synthetic);
	}
}

/* ---- counters ---- */

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
	assert_false(values[FAULTS].scaled);
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
		[CYCLES] = { 5, true, false },
		[INSTRUCTIONS] = { 7, true, true },
		[FAULTS] = { 1, false, false },
	};
	const struct counter_value other[COUNTER_EVENTS] = {
		[INSTRUCTIONS] = { 4, true, false },
		[FAULTS] = { 1, true, false },
	};

	(void)state;
	counters_add(sum, other);
	assert_false(sum[CYCLES].valid);
	assert_true(sum[INSTRUCTIONS].valid);
	assert_true(sum[INSTRUCTIONS].scaled);
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

long __wrap_syscall(long nr, ...)
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
	CHECK(v[CYCLES].valid && v[CYCLES].value == 1000 && !v[CYCLES].scaled);
	CHECK(v[INSTRUCTIONS].valid && v[INSTRUCTIONS].value == 2000);
	CHECK(v[CACHE_MISSES].valid && v[CACHE_MISSES].value == 0);
	CHECK(!counters_note() || !strstr(counters_note(), "cycles"));
}

static void shared_hardware(void)
{
	static const uint64_t reading[6] = { 3, 300, 100, 1000, 2000, 5 };
	struct counter_value v[COUNTER_EVENTS];

	read_fake_hardware(v, reading);
	CHECK(v[CYCLES].valid && v[CYCLES].value == 3000 && v[CYCLES].scaled);
	CHECK(v[INSTRUCTIONS].valid && v[INSTRUCTIONS].value == 6000);
	CHECK(v[CACHE_MISSES].valid && v[CACHE_MISSES].value == 15);
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

/* ---- fingerprint ---- */

struct tree {
	char root[64];
};

static struct {
	char key[32];
	char value[512];
} facts[64];
static int nr_facts;

static char sentences[16][512];
static int nr_sentences;

static void keep_fact(const char *key, const char *value)
{
	snprintf(facts[nr_facts].key, sizeof(facts[0].key), "%s", key);
	snprintf(facts[nr_facts++].value, sizeof(facts[0].value), "%s", value);
}

static void keep_sentence(const char *sentence)
{
	snprintf(sentences[nr_sentences++], sizeof(sentences[0]), "%s", sentence);
}

static const char *fact(const char *key)
{
	int i;

	for (i = 0; i < nr_facts; i++)
		if (!strcmp(facts[i].key, key))
			return facts[i].value;
	return NULL;
}

static void assert_fact(const char *key, const char *value)
{
	assert_non_null(fact(key));
	assert_string_equal(fact(key), value);
}

static int warned(const char *words)
{
	int i, n = 0;

	for (i = 0; i < nr_sentences; i++)
		n += strstr(sentences[i], words) != NULL;
	return n;
}

static void look(const struct tree *tree)
{
	nr_facts = 0;
	nr_sentences = 0;
	fingerprint(tree->root, keep_fact);
	fingerprint_warnings(tree->root, keep_sentence);
}

static void put(const struct tree *tree, const char *path, const char *content)
{
	char full[512], *slash;
	FILE *file;

	snprintf(full, sizeof(full), "%s%s", tree->root, path);
	for (slash = full + strlen(tree->root); (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		mkdir(full, 0755);
		*slash = '/';
	}
	file = fopen(full, "w");
	assert_non_null(file);
	fputs(content, file);
	fclose(file);
}

static void put_cpu(const struct tree *tree, int cpu, const char *name,
		    const char *content)
{
	char path[256];

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/%s", cpu, name);
	put(tree, path, content);
}

static int plant(void **state)
{
	static struct tree tree;

	strcpy(tree.root, "/tmp/harness-test-XXXXXX");
	*state = &tree;
	return mkdtemp(tree.root) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *walk)
{
	(void)st, (void)type, (void)walk;
	return remove(path);
}

static int fell(void **state)
{
	struct tree *tree = *state;

	return nftw(tree->root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* A bare machine set up for benchmarks: nothing to warn of. */
static void plant_quiet_machine(const struct tree *tree)
{
	cpu_set_t mask = affinity();
	char line[16];
	int cpu;

	put(tree, "/proc/cpuinfo",
	    "processor\t: 0\nmodel\t\t: 17\nmodel name\t: Some CPU @ 2.00GHz\n"
	    "microcode\t: 0x2b\nflags\t\t: fpu vme sse2\n\n"
	    "processor\t: 1\nmodel name\t: Another\n");
	put(tree, "/proc/loadavg", "0.42 0.20 0.10 1/90 1234\n");
	put(tree, "/proc/stat", "cpu  9000 0 1000 90000 5 0 0 0 0 0\ncpu0 1 2 3\n");
	put(tree, "/proc/sys/kernel/osrelease", "6.12.1\n");
	put(tree, "/proc/sys/kernel/randomize_va_space", "2\n");
	put(tree, "/sys/devices/system/cpu/online", "0-3\n");
	put(tree, "/sys/devices/system/cpu/smt/active", "0\n");
	put(tree, "/sys/devices/system/cpu/intel_pstate/no_turbo", "1\n");
	put(tree, "/sys/devices/system/cpu/isolated", "2-3\n");
	put(tree, "/sys/devices/system/cpu/nohz_full", "(null)\n");
	put(tree, "/sys/devices/system/node/online", "0-1,4\n");
	put(tree, "/sys/devices/system/clocksource/clocksource0/current_clocksource",
	    "tsc\n");
	put(tree, "/sys/kernel/mm/transparent_hugepage/enabled",
	    "[always] madvise never\n");
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &mask))
			continue;
		put_cpu(tree, cpu, "cpufreq/scaling_governor", "performance\n");
		snprintf(line, sizeof(line), "%d\n", cpu);
		put_cpu(tree, cpu, "topology/thread_siblings_list", line);
	}
}

static const char *expected_aslr(void)
{
	return personality(0xffffffff) & ADDR_NO_RANDOMIZE ? "off" : "full";
}

static void test_facts(void **state)
{
	const char *const expected[][2] = {
		{ "cpu_model", "Some CPU @ 2.00GHz" },
		{ "microcode", "0x2b" },
		{ "smt", "off" },
		{ "turbo", "off" },
		{ "governor", "performance" },
		{ "isolated", "2-3" },
		{ "nohz_full", "none" },
		{ "numa_nodes", "3" },
		{ "thp", "always" },
		{ "clocksource", "tsc" },
		{ "aslr", expected_aslr() },
		{ "kernel", "6.12.1" },
		{ "load_before", "0.42 0.20 0.10" },
		{ "steal_before", "0.00" },
		{ "compiler", BENCH_COMPILER },
		{ "cflags", BENCH_CFLAGS },
		{ "build_type", BENCH_BUILD_TYPE },
		{ "revision", BENCH_REVISION },
		{ "libraries", BENCH_LIBRARIES },
	};
	size_t i;

	plant_quiet_machine(*state);
	look(*state);
	for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		assert_fact(expected[i][0], expected[i][1]);
	assert_null(fact("hypervisor"));
	assert_int_equal(nr_facts, i + 2);	/* affinity and page_size */
}

/* Looks while the last CPU is the only usable one; returns its number. */
static int look_from_last_cpu(const struct tree *tree)
{
	cpu_set_t given = affinity(), one;

	CPU_ZERO(&one);
	CPU_SET(last_cpu(&given), &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	look(tree);
	assert_int_equal(sched_setaffinity(0, sizeof(given), &given), 0);
	return last_cpu(&given);
}

static void test_affinity(void **state)
{
	char expected[16];

	snprintf(expected, sizeof(expected), "%d", look_from_last_cpu(*state));
	assert_fact("affinity", expected);
}

static void test_what_is_not_told_is_left_out(void **state)
{
	int persona = !strcmp(expected_aslr(), "off");

	look(*state);
	assert_non_null(fact("affinity"));
	assert_non_null(fact("page_size"));
	assert_int_equal(nr_facts, 2 + 5 + persona);
	assert_int_equal(nr_sentences, warned("build"));
}

static void test_unreadable_contents(void **state)
{
	put(*state, "/proc/cpuinfo", "model name");
	put(*state, "/proc/loadavg", "");
	put(*state, "/proc/stat", "cpu  1 2 3 4 5 6 7\n");
	put(*state, "/sys/devices/system/cpu/online", "\n");
	put(*state, "/sys/devices/system/node/online", "?\n");
	put(*state, "/sys/kernel/mm/transparent_hugepage/enabled", "always\n");
	look(*state);
	assert_null(fact("cpu_model"));
	assert_null(fact("load_before"));
	assert_null(fact("steal_before"));
	assert_null(fact("numa_nodes"));
	assert_null(fact("thp"));
	assert_int_equal(nr_sentences, warned("build"));
}

static void test_quiet_machine_has_no_warnings(void **state)
{
	plant_quiet_machine(*state);
	look(*state);
	assert_int_equal(nr_sentences, warned("build"));
	assert_int_equal(warned("build"), strcmp(BENCH_BUILD_TYPE, "release") != 0);
}

static void test_each_warning(void **state)
{
	cpu_set_t mask = affinity();

	plant_quiet_machine(*state);
	put_cpu(*state, last_cpu(&mask), "cpufreq/scaling_governor", "schedutil\n");
	put(*state, "/sys/devices/system/cpu/intel_pstate/no_turbo", "0\n");
	put(*state, "/proc/loadavg", "2.01 0.20 0.10 1/90 1234\n");
	put(*state, "/proc/stat", "cpu  9000 0 1000 90000 5 0 0 1111 0 0\n");
	put(*state, "/proc/cpuinfo", "flags\t\t: fpu hypervisor lahf_lm\n");
	put(*state, "/sys/devices/system/clocksource/clocksource0/current_clocksource",
	    "hpet\n");
	look(*state);
	assert_int_equal(warned("schedutil"), 1);
	assert_int_equal(warned("turbo is on"), 1);
	assert_int_equal(warned("the load was 2.01 on 4 CPUs"), 1);
	assert_int_equal(warned("taken 10 % of"), 1);
	assert_int_equal(warned("a hypervisor is present"), 1);
	assert_int_equal(warned("clocksource is hpet"), 1);
	assert_int_equal(nr_sentences, 6 + warned("build"));
	assert_fact("hypervisor", "yes");
	assert_fact("steal_before", "11.11");
}

/* At the threshold, not above it. */
static void test_small_load_and_steal_are_no_warning(void **state)
{
	plant_quiet_machine(*state);
	put(*state, "/proc/loadavg", "2.00 0.20 0.10 1/90 1234\n");
	put(*state, "/proc/stat", "cpu  9000 0 1000 90000 5 0 0 100 0 0\n");
	look(*state);
	assert_int_equal(nr_sentences, warned("build"));
}

static void test_siblings_outside_the_mask(void **state)
{
	cpu_set_t mask = affinity();

	plant_quiet_machine(*state);
	put_cpu(*state, last_cpu(&mask), "topology/thread_siblings_list", "0-1023\n");
	look_from_last_cpu(*state);
	assert_int_equal(nr_sentences, warned("build"));
}

static void test_siblings_in_the_mask(void **state)
{
	cpu_set_t mask = affinity();
	int cpu;

	if (CPU_COUNT(&mask) < 2)
		SKIP("one usable CPU: it has no sibling in the mask");
	plant_quiet_machine(*state);
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &mask))
			put_cpu(*state, cpu, "topology/thread_siblings_list", "0-1023\n");
	look(*state);
	assert_int_equal(warned("SMT threads of 1 core:"), 1);
	assert_int_equal(nr_sentences, 1 + warned("build"));
}

static void test_turbo_of_acpi_cpufreq(void **state)
{
	put(*state, "/sys/devices/system/cpu/cpufreq/boost", "1\n");
	look(*state);
	assert_fact("turbo", "on");
	put(*state, "/sys/devices/system/cpu/cpufreq/boost", "0\n");
	look(*state);
	assert_fact("turbo", "off");
}

static void test_names_of_hypervisors(void **state)
{
	put(*state, "/sys/class/dmi/id/sys_vendor", "QEMU\n");
	look(*state);
	assert_null(fact("hypervisor"));
	put(*state, "/proc/cpuinfo", "flags\t\t: fpu hypervisor\n");
	look(*state);
	assert_fact("hypervisor", "QEMU");
	put(*state, "/sys/hypervisor/type", "xen\n");
	look(*state);
	assert_fact("hypervisor", "xen");
}

/* x86 lists some 1500 bytes of flags: one at the end must be seen too. */
static void test_long_flags(void **state)
{
	char flags[5000] = "flags\t\t: fpu";

	memset(flags + strlen(flags), ' ', 4000);
	strcat(flags, "hypervisor\n");
	put(*state, "/proc/cpuinfo", flags);
	look(*state);
	assert_fact("hypervisor", "yes");
}

static void test_this_machine(void **state)
{
	static const struct tree real = { "" };

	(void)state;
	look(&real);
	assert_non_null(fact("kernel"));
	assert_non_null(fact("load_before"));
	assert_non_null(fact("steal_before"));
	assert_non_null(fact("affinity"));
}

#define topology_test(test)	\
	cmocka_unit_test_setup_teardown(test, start_topology, stop_topology)
#define tree_test(test)		cmocka_unit_test_setup_teardown(test, plant, fell)

int main(void)
{
	const struct CMUnitTest topology[] = {
		topology_test(test_cpus_are_those_of_the_mask),
		topology_test(test_pin_moves_and_unpin_frees),
		topology_test(test_no_such_cpu),
		topology_test(test_pin_is_the_threads_own),
		cmocka_unit_test(test_restricted_mask),
		cmocka_unit_test(test_order),
	};
	const struct CMUnitTest counters[] = {
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
	const struct CMUnitTest fingerprint[] = {
		tree_test(test_facts),
		tree_test(test_affinity),
		tree_test(test_what_is_not_told_is_left_out),
		tree_test(test_unreadable_contents),
		tree_test(test_quiet_machine_has_no_warnings),
		tree_test(test_each_warning),
		tree_test(test_small_load_and_steal_are_no_warning),
		tree_test(test_siblings_in_the_mask),
		tree_test(test_siblings_outside_the_mask),
		tree_test(test_turbo_of_acpi_cpufreq),
		tree_test(test_names_of_hypervisors),
		tree_test(test_long_flags),
		cmocka_unit_test(test_this_machine),
	};
	int failed;

	failed = cmocka_run_group_tests(topology, NULL, NULL);
	failed += cmocka_run_group_tests(counters, start_counters, NULL);
	failed += cmocka_run_group_tests(fingerprint, NULL, NULL);
	return failed ? 1 : 0;
}
