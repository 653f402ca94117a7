// SPDX-License-Identifier: GPL-2.0-only
/*
 * The machine's facts and the warnings, read off a fake tree of /proc and /sys files.
 */
#include "fingerprint.h"

#include <errno.h>
#include <ftw.h>
#include <sys/personality.h>
#include <sys/stat.h>

#include "harness.h"

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

static void put_clocksource(const struct tree *tree, const char *name)
{
	put(tree, "/sys/devices/system/clocksource/clocksource0/current_clocksource",
	    name);
}

/* A stack, two chunks of the page source with so much on huge pages, another mapping. */
static void put_pages(const struct tree *tree, unsigned int huge_kb)
{
	char smaps[1024];

	snprintf(smaps, sizeof(smaps),
		 "7ff0-7ff1 rw-p 0 00:00 0 [stack]\nSize: 132 kB\nKernelPageSize: 4 kB\n"
		 "AnonHugePages: 2048 kB\nVmFlags: rd wr mr mw me gd ac \n"
		 "7f00-7f10 rw-p 0 00:00 0 \nSize: 4096 kB\nKernelPageSize: 4 kB\n"
		 "AnonHugePages: 4096 kB\nVmFlags: rd wr mr mw me ac hg \n"
		 "7f20-7f30 rw-p 0 00:00 0 \nSize: 4096 kB\nKernelPageSize: 4 kB\n"
		 "AnonHugePages: %u kB\nVmFlags: rd wr mr mw me ac hg \n"
		 "7f40-7f50 rw-p 0 00:00 0 \nSize: 8 kB\nKernelPageSize: 4 kB\n"
		 "AnonHugePages: 0 kB\nVmFlags: rd wr mr mw me ac \n", huge_kb);
	put(tree, "/proc/self/smaps", smaps);
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
	put(tree, "/sys/devices/system/cpu/smt/active", "0\n");
	put(tree, "/sys/devices/system/cpu/intel_pstate/no_turbo", "1\n");
	put(tree, "/sys/devices/system/cpu/isolated", "2-3\n");
	put(tree, "/sys/devices/system/cpu/nohz_full", "(null)\n");
	put(tree, "/sys/devices/system/node/online", "0-1,4\n");
	put_clocksource(tree, "tsc\n");
	put_pages(tree, 4096);
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
		{ "page_source", "direct, huge pages, one lock" },
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
}

/* This is one: flavours that check are all it is built in. */
static void test_build_for_tests(void **state)
{
	look(*state);
	assert_string_not_equal(fact("build_type"), "release");
	assert_non_null(strstr(fact("cflags"), "-DSHIM_CHECKED"));
	assert_int_equal(warned("this is a build for tests ("), 1);
}

static void test_each_warning(void **state)
{
	cpu_set_t mask = affinity();

	plant_quiet_machine(*state);
	put_cpu(*state, last_cpu(&mask), "cpufreq/scaling_governor", "schedutil\n");
	put(*state, "/sys/devices/system/cpu/intel_pstate/no_turbo", "0\n");
	put(*state, "/proc/stat", "cpu  9000 0 1000 90000 5 0 0 1111 0 0\n");
	put(*state, "/proc/cpuinfo", "flags\t\t: fpu hypervisor lahf_lm\n");
	put_clocksource(*state, "hpet\n");
	put_pages(*state, 2048);
	look(*state);
	assert_int_equal(warned("schedutil"), 1);
	assert_int_equal(warned("turbo is on"), 1);
	assert_int_equal(warned("taken 10 % of"), 1);
	assert_int_equal(warned("a hypervisor is present"), 1);
	assert_int_equal(warned("does not trust the TSC (clocksource hpet)"), 1);
	assert_int_equal(warned("a part of the pool's memory is on huge pages"), 1);
	assert_int_equal(nr_sentences, 6 + warned("build"));
	assert_fact("hypervisor", "yes");
	assert_fact("steal_before", "11.11");
}

/* At the threshold, not above it. */
static void test_small_steal_is_no_warning(void **state)
{
	plant_quiet_machine(*state);
	put(*state, "/proc/stat", "cpu  9000 0 1000 90000 5 0 0 100 0 0\n");
	look(*state);
	assert_int_equal(nr_sentences, warned("build"));
}

/* It counts what has ended, and the run itself: bench/run/usage.c tells of others. */
static void test_load_is_no_warning(void **state)
{
	plant_quiet_machine(*state);
	put(*state, "/proc/loadavg", "99.00 9.00 1.00 1/90 1234\n");
	look(*state);
	assert_fact("load_before", "99.00 9.00 1.00");
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

static void test_clocksources(void **state)
{
	static const struct {
		const char *name;
		int warnings;
	} cases[] = {
		{ "tsc\n", 0 }, { "kvm-clock\n", 0 }, { "xen\n", 0 },
		{ "hyperv_clocksource_tsc_page\n", 0 }, { "arch_sys_counter\n", 0 },
		{ "hpet\n", 1 }, { "acpi_pm\n", 1 }, { "hyperv_clocksource_msr\n", 1 },
		{ "jiffies\n", 1 },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		put_clocksource(*state, cases[i].name);
		look(*state);
		assert_int_equal(warned("does not trust the TSC"), cases[i].warnings);
	}
}

static void test_pages(void **state)
{
	put_pages(*state, 4096);
	look(*state);
	assert_fact("page_source", "direct, huge pages, one lock");
	assert_int_equal(warned("huge pages"), 0);
	put_pages(*state, 0);
	look(*state);
	assert_fact("page_source", "direct, huge and small pages, one lock");
	assert_int_equal(warned("a part of the pool's memory is on huge pages"), 1);
	put(*state, "/proc/self/smaps", "Size: 4096 kB\nAnonHugePages: 0 kB\n"
	    "VmFlags: rd wr hg \n");
	look(*state);
	assert_fact("page_source", "direct, small pages, one lock");
	assert_int_equal(warned("none of the pool's memory is on huge pages"), 1);
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

#define tree_test(test) cmocka_unit_test_setup_teardown(test, plant, fell)

int main(void)
{
	const struct CMUnitTest tests[] = {
		tree_test(test_facts),
		tree_test(test_affinity),
		tree_test(test_what_is_not_told_is_left_out),
		tree_test(test_unreadable_contents),
		tree_test(test_quiet_machine_has_no_warnings),
		tree_test(test_build_for_tests),
		tree_test(test_each_warning),
		tree_test(test_small_steal_is_no_warning),
		tree_test(test_load_is_no_warning),
		tree_test(test_siblings_in_the_mask),
		tree_test(test_siblings_outside_the_mask),
		tree_test(test_turbo_of_acpi_cpufreq),
		tree_test(test_names_of_hypervisors),
		tree_test(test_clocksources),
		tree_test(test_pages),
		tree_test(test_long_flags),
		cmocka_unit_test(test_this_machine),
		};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
