// SPDX-License-Identifier: GPL-2.0-only
/*
 * What other programs had of the CPUs, read off a fake /proc/stat and this machine's.
 */
#include "run/usage.h"

#include <sys/stat.h>
#include <time.h>

#include "harness.h"

static char root[64];

/* Each CPU has been busy for so many seconds, the rest of a day idle or waiting. */
static void put_stat(double seconds)
{
	double ticks = seconds * sysconf(_SC_CLK_TCK) / 5;
	char path[96];
	FILE *file;
	int cpu;

	snprintf(path, sizeof(path), "%s/proc/stat", root);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs("cpu  1 2 3 4 5 6 7 8 9 10\n", file);
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++)
		fprintf(file, "cpu%d %.0f %.0f %.0f 8640000 8640000 %.0f %.0f 555 0 0\n",
			cpu, ticks, ticks, ticks, ticks, ticks);
	fputs("intr 1 2 3\nctxt 4\n", file);
	fclose(file);
}

static int plant(void **state)
{
	char path[96];

	strcpy(root, "/tmp/usage-test-XXXXXX");
	if (!mkdtemp(root))
		return -1;
	snprintf(path, sizeof(path), "%s/proc", root);
	return mkdir(path, 0755);
}

static int fell(void **state)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/proc/stat", root);
	unlink(path);
	*strrchr(path, '/') = '\0';
	return rmdir(path) || rmdir(root);
}

static void test_reading(void **state)
{
	cpu_set_t mask = affinity();
	struct usage usage;

	put_stat(500);
	assert_true(usage_read(root, &usage));
	assert_int_equal(usage.cpus, CPU_COUNT(&mask));
	assert_float_equal(usage.all, 500.0 * CPU_COUNT(&mask), 0.1);
	assert_true(usage.own > 0 && usage.own < 500);
}

static void test_nothing_to_read(void **state)
{
	struct usage usage;
	char path[96];

	assert_false(usage_read(root, &usage));
	snprintf(path, sizeof(path), "%s/proc/stat", root);
	fclose(fopen(path, "w"));
	assert_false(usage_read(root, &usage));
}

/* Both CPUs of two for a hundred seconds, so much of it others'. */
static char *warning(unsigned int cpus, double seconds, double others)
{
	struct usage before = { .clock = 7, .all = 1000, .own = 3, .cpus = cpus };
	struct usage after = { .clock = 7 + seconds, .all = 1000 + 150 + others,
			       .own = 3 + 150, .cpus = cpus };

	return usage_warning(&before, &after);
}

static void assert_warned(unsigned int cpus, double seconds, double others,
			  const char *words)
{
	char *said = warning(cpus, seconds, others);

	assert_non_null(said);
	assert_non_null(strstr(said, words));
	free(said);
}

static void test_others_are_told(void **state)
{
	assert_warned(2, 100, 50, "something else took 25 % of the 2 CPUs while");
	assert_warned(2, 100, 11, "took 6 % of the 2 CPUs");
	assert_warned(1, 100, 50, "took 50 % of the 1 CPU while");
	/* One that is busy all the time, however many there are. */
	assert_warned(64, 100, 100, "took 2 % of the 64 CPUs");
}

/* Its own work, what ended before, the system's small change, rounding. */
static void test_nothing_to_tell(void **state)
{
	assert_null(warning(2, 100, 0));
	assert_null(warning(2, 100, 9.9));
	assert_null(warning(64, 100, 49));
	assert_null(warning(2, 100, -5));
	assert_null(warning(2, 1.9, 3));
	assert_null(warning(0, 100, 50));
}

static double processor_seconds(void)
{
	return (double)clock() / CLOCKS_PER_SEC;
}

/* What this process does, and what its children did, is its own. */
static void work(void)
{
	double end = processor_seconds() + 0.2;

	while (processor_seconds() < end)
		;
}

static void test_own_work(void **state)
{
	struct usage before, after;

	if (!usage_read("", &before))
		SKIP("/proc/stat tells nothing here");
	work();
	in_child(work);
	assert_true(usage_read("", &after));
	assert_true(after.own - before.own > 0.39);
	assert_true(after.all >= before.all);
	assert_true(after.clock > before.clock);
}

#define tree_test(test) cmocka_unit_test_setup_teardown(test, plant, fell)

int main(void)
{
	const struct CMUnitTest tests[] = {
		tree_test(test_reading),
		tree_test(test_nothing_to_read),
		cmocka_unit_test(test_others_are_told),
		cmocka_unit_test(test_nothing_to_tell),
		cmocka_unit_test(test_own_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
