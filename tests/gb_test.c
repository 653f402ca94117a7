// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the C API over libbenchmark, from outside: runs gb_sample, which lies in
 * this program's folder, and looks at its exit status, its output and its JSON.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <jansson.h>
#include <libgen.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define MAX_ARGS 8

/* One run of gb_sample. */
struct run {
	int status;		/* exit status; 128 + signal if it was killed */
	json_t *report;		/* of --benchmark_out; NULL if there is no such file */
	char out[8192];		/* what it printed */
	char err[8192];
};

static char sample[PATH_MAX], folder[] = "/tmp/gb_test.XXXXXX";

static void slurp(const char *name, char *text, size_t size)
{
	int fd = open(name, O_RDONLY);
	ssize_t length;

	assert_true(fd >= 0);
	length = read(fd, text, size - 1);
	assert_true(length >= 0);
	text[length] = '\0';
	close(fd);
}

static void child(const char *const *args)
{
	const char *argv[MAX_ARGS + 4] = { sample, "--benchmark_min_time=0.001" };
	size_t n = 2;

	while (*args)
		argv[n++] = *args++;
	alarm(60);
	if (!freopen("out", "w", stdout) || !freopen("err", "w", stderr))
		_exit(99);
	execv(sample, (char **)argv);
	_exit(99);
}

/* Runs gb_sample with the arguments, up to NULL; the report is read if valid JSON. */
static struct run run_with(const char *const *args)
{
	struct run r = { 0 };
	json_error_t error;
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid)
		child(args);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	r.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	slurp("out", r.out, sizeof(r.out));
	slurp("err", r.err, sizeof(r.err));
	if (!access("report.json", F_OK)) {
		r.report = json_load_file("report.json", 0, &error);
		if (!r.report)
			fail_msg("report.json:%d: %s", error.line, error.text);
	}
	return r;
}

#define run(...) run_with((const char *const[]){ __VA_ARGS__, NULL })
#define run_filter(f, ...) \
	run("--benchmark_filter=" f, "--benchmark_out=report.json", ##__VA_ARGS__)

/* The @index-th row of that name, or NULL. */
static json_t *find_row(const struct run *r, const char *name, int index)
{
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(r->report, "benchmarks"), i, row)
		if (!strcmp(json_string_value(json_object_get(row, "name")), name) &&
		    !index--)
			return row;
	return NULL;
}

static size_t count_rows(const struct run *r)
{
	return json_array_size(json_object_get(r->report, "benchmarks"));
}

static json_t *row_of(const struct run *r, const char *name)
{
	json_t *row = find_row(r, name, 0);

	if (!row)
		fail_msg("no row %s", name);
	return row;
}

static double number(const struct run *r, const char *name, const char *key)
{
	json_t *value = json_object_get(row_of(r, name), key);

	if (!json_is_number(value))
		fail_msg("row %s has no number %s", name, key);
	return json_number_value(value);
}

static const char *text(const struct run *r, const char *name, const char *key)
{
	const char *value = json_string_value(json_object_get(row_of(r, name), key));

	return value ? value : "";
}

static bool failed(const json_t *row)
{
	return json_is_true(json_object_get(row, "error_occurred"));
}

static void assert_near(double value, double expected)
{
	if (!(fabs(value - expected) <= 1e-6 * fabs(expected)))
		fail_msg("%g is not %g", value, expected);
}

/* One line, said by the program, with @part in it. */
static void assert_one_line(const char *err, const char *part)
{
	const char *end = strchr(err, '\n');

	if (strncmp(err, "gb_sample: ", 11) || !strstr(err, part) || !end || end[1])
		fail_msg("not one line with \"%s\": %s", part, err);
}

static void assert_folder_has_no_report(void)
{
	DIR *dir = opendir(".");
	struct dirent *entry;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		if (strstr(entry->d_name, "report"))
			fail_msg("%s is left", entry->d_name);
	closedir(dir);
}

static void names_show_what_was_set(void **state)
{
	static const char *const names[] = {
		"names/args/size:64/hold:2",
		"names/product/size:16/hold:1",
		"names/product/size:32/hold:3",
		"names/range/8", "names/range/64", "names/range/512",
		"names/dense/1", "names/dense/3", "names/dense/5",
		"names/all/iterations:5/repeats:2/real_time/threads:1",
		"names/all/iterations:5/repeats:2/real_time/threads:1_mean",
		"names/min_time/min_time:0.002",
	};
	struct run r = run_filter("^names");

	(void)state;
	assert_int_equal(r.status, 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		row_of(&r, names[i]);
	assert_int_equal(count_rows(&r), 1 + 6 + 3 + 3 + 2 + 4 + 1);
	assert_near(number(&r, "names/product/size:32/hold:3", "first"), 32);
	assert_near(number(&r, "names/range/512", "first"), 512);
	assert_string_equal(text(&r, "names/min_time/min_time:0.002", "time_unit"), "us");
	assert_string_equal(text(&r, "names/range/8", "time_unit"), "ns");
	json_decref(r.report);
}

static void a_benchmark_that_sets_nothing_keeps_its_name(void **state)
{
	struct run r = run_filter("^plain$");

	(void)state;
	assert_int_equal(r.status, 0);
	assert_int_equal(count_rows(&r), 1);
	assert_true(number(&r, "plain", "iterations") >= 1);
	assert_true(number(&r, "plain", "cpu_time") > 0);
	json_decref(r.report);
}

static void batches_may_overshoot(void **state)
{
	struct run r = run_filter("^batch/");

	(void)state;
	assert_near(number(&r, "batch/iterations:10", "asked"), 10);
	assert_near(number(&r, "batch/iterations:10", "given"), 14);
	assert_near(number(&r, "batch/iterations:10", "iterations"), 14);
	json_decref(r.report);
}

static void threads_run_and_sum_up(void **state)
{
	struct run r = run_filter("^threads");

	(void)state;
	assert_int_equal(r.status, 0);
	assert_int_equal(count_rows(&r), 3);
	assert_near(number(&r, "threads/threads:1", "indices"), 1);
	assert_near(number(&r, "threads/threads:2", "count"), 2);
	assert_near(number(&r, "threads/threads:4", "indices"), 15);
	assert_near(number(&r, "threads/threads:4", "told"), 4);
	assert_near(number(&r, "threads/threads:4", "threads"), 4);
	json_decref(r.report);
}

static void counters_are_what_their_flags_say(void **state)
{
	struct run r = run_filter("^counters$", "--benchmark_repetitions=2");
	double seconds;

	(void)state;
	assert_int_equal(r.status, 0);
	assert_near(number(&r, "counters", "plain"), 42);
	assert_near(number(&r, "counters", "each"), 3);
	seconds = number(&r, "counters", "iterations") *
		  number(&r, "counters", "cpu_time") * 1e-9;
	assert_near(number(&r, "counters", "rate"), 1 / seconds);
	assert_string_equal(text(&r, "counters", "label"), "a \"label\"");
	json_decref(r.report);
}

static void counters_that_are_no_json_are_left_out(void **state)
{
	struct run r = run_filter("^counters$", "--benchmark_repetitions=3");
	json_t *row;
	size_t i;

	(void)state;
	assert_int_equal(r.status, 0);
	assert_int_equal(count_rows(&r), 3 + 4);
	json_array_foreach(json_object_get(r.report, "benchmarks"), i, row) {
		assert_null(json_object_get(row, "nan"));
		assert_null(json_object_get(row, "infinite"));
		assert_non_null(json_object_get(row, "plain"));
	}
	json_decref(r.report);
}

static void manual_time_is_the_time(void **state)
{
	struct run r = run_filter("^manual");

	(void)state;
	assert_int_equal(r.status, 0);
	assert_near(number(&r, "manual/manual_time", "real_time"), 1e6);
	json_decref(r.report);
}

static void the_clock_can_be_paused(void **state)
{
	struct run r = run_filter("^paused");

	(void)state;
	assert_int_equal(r.status, 0);
	assert_true(number(&r, "paused/iterations:4", "real_time") < 50e6);
	json_decref(r.report);
}

static void the_context_is_in_the_report(void **state)
{
	struct run r = run_filter("^plain$");
	json_t *context = json_object_get(r.report, "context");

	(void)state;
	assert_string_equal(json_string_value(json_object_get(context, "fact")),
			    "a \"quoted\" value");
	json_decref(r.report);
}

static void errors_fail_the_row_and_the_run(void **state)
{
	static const char *const errors[][2] = {
		{ "bad_manual/manual_time",
		  "gb_set_iteration_time() not finite, or negative" },
		{ "error/before", "cannot begin" },
		{ "error/last_thread/threads:3", "gave up" },
		{ "error/range", "gb_range() of an argument that is not there" },
		{ "error/early", "returned early, within its loop" },
		{ "error/early_last/iterations:1", "returned early, within its loop" },
		{ "error/throws", "std::bad_alloc" },
	};
	struct run r = run_filter("^bad_manual|^error|^plain");
	const char *message;

	(void)state;
	assert_int_equal(r.status, 4);
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		message = text(&r, errors[i][0], "error_message");
		assert_string_equal(message, errors[i][1]);
	}
	assert_true(number(&r, "plain", "cpu_time") > 0);
	json_decref(r.report);
}

/* Otherwise libbenchmark aborts, and all that was measured is lost. */
static void a_failed_repetition_leaves_the_others(void **state)
{
	struct run r = run_filter("^error/third", "--benchmark_repetitions=6");
	const char *name = "error/third/iterations:100";

	(void)state;
	assert_int_equal(r.status, 4);
	for (int i = 0; i < 6; i++)
		assert_int_equal(failed(find_row(&r, name, i)), i >= 2);
	assert_near(number(&r, "error/third/iterations:100_mean", "given"), 105);
	json_decref(r.report);
}

static void a_row_that_failed_is_not_called_again(void **state)
{
	struct run r = run_filter("^error/first", "--benchmark_repetitions=4");

	(void)state;
	assert_int_equal(r.status, 4);
	assert_int_equal(count_rows(&r), 4);
	assert_string_equal(text(&r, "error/first/iterations:100", "error_message"),
			    "had enough");
	json_decref(r.report);
}

static void errors_fail_the_run_without_a_report_too(void **state)
{
	(void)state;
	assert_int_equal(run("--benchmark_filter=error/before").status, 4);
}

static void a_stop_keeps_what_was_measured(void **state)
{
	struct run r = run_filter("^stop/", "--benchmark_repetitions=6");

	(void)state;
	assert_int_equal(r.status, 130);
	assert_non_null(find_row(&r, "stop/before", 5));
	assert_non_null(find_row(&r, "stop/third/iterations:100", 2));
	assert_null(find_row(&r, "stop/third/iterations:100", 3));
	assert_non_null(find_row(&r, "stop/third/iterations:100_mean", 0));
	assert_null(find_row(&r, "stop/never/threads:2", 0));
	assert_int_equal(count_rows(&r), 6 + 4 + 3 + 4);
	assert_null(strstr(r.err, "called after"));
	json_decref(r.report);
}

static void a_stop_allows_an_early_return(void **state)
{
	struct run r = run_filter("^stop_early/");

	(void)state;
	assert_int_equal(r.status, 130);
	assert_non_null(r.report);
	assert_int_equal(count_rows(&r), 0);
	json_decref(r.report);
}

static void a_filter_that_matches_nothing_is_an_error(void **state)
{
	struct run r = run_filter("^nothing$");

	(void)state;
	assert_int_equal(r.status, 2);
	assert_one_line(r.err, "^nothing$");
	assert_folder_has_no_report();
	r = run("--benchmark_filter=(", "--benchmark_list_tests");
	assert_int_equal(r.status, 2);
	assert_one_line(r.err, "re");
}

static void tests_can_be_listed(void **state)
{
	struct run r = run_filter("^(plain|names/range)", "--benchmark_list_tests");

	(void)state;
	assert_int_equal(r.status, 0);
	assert_string_equal(r.out, "plain\nnames/range/8\nnames/range/64\n"
				   "names/range/512\n");
	assert_folder_has_no_report();
	r = run("--benchmark_list_tests=true", "--benchmark_filter=^nothing$");
	assert_int_equal(r.status, 2);
	assert_string_equal(r.out, "");
}

static void bad_flags_are_named(void **state)
{
	static const char *const flags[] = {
		"--benchmark_nonsense", "--benchmark_repetitions=many",
		"--benchmark_out_format=csv", "--benchmark_format=xml",
		"--benchmark_min_time=x", "--benchmark_min_time=7x",
		"--benchmark_min_time=", "--benchmark_min_time=1ms",
		"--benchmark_min_time=-1", "--benchmark_min_time=nan",
	};
	static const char *const named[] = {
		"--benchmark_nonsense", "--benchmark_repetitions=many",
		"--benchmark_out_format=csv", "format",
		"--benchmark_min_time=x", "--benchmark_min_time=7x",
		"--benchmark_min_time=", "--benchmark_min_time=1ms",
		"--benchmark_min_time=-1", "--benchmark_min_time=nan",
	};
	struct run r;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		r = run(flags[i]);
		assert_int_equal(r.status, 2);
		assert_one_line(r.err, named[i]);
	}
}

/* libbenchmark 1.7 takes no unit, and later ones complain of its absence. */
static void seconds_need_no_unit_and_may_have_one(void **state)
{
	static const char *const flags[] = {
		"--benchmark_min_time=0.002", "--benchmark_min_time=2e-3s",
	};
	struct run r;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		r = run(flags[i], "--benchmark_filter=^plain$");
		assert_int_equal(r.status, 0);
		assert_null(strstr(r.err, "suffix"));
	}
}

static void other_arguments_are_left(void **state)
{
	struct run r = run("--help", "--benchmark_list_tests", "more",
			   "--benchmark_filter=plain");

	(void)state;
	assert_int_equal(r.status, 0);
	assert_string_equal(r.out, "left: --help\nleft: more\nplain\n");
}

static void a_report_that_cannot_be_written_is_a_failure(void **state)
{
	struct run r = run("--benchmark_filter=plain", "--benchmark_out=none/report");

	(void)state;
	assert_int_equal(r.status, 4);
	assert_one_line(r.err, "none/report: cannot write: No such file");
	r = run("--benchmark_filter=plain", "--benchmark_out=/dev/full");
	assert_int_equal(r.status, 4);
	assert_non_null(strstr(r.err, "/dev/full: cannot write: No space left"));
}

static void a_report_replaces_an_older_one_only_when_complete(void **state)
{
	struct run r = run_filter("^plain$");

	(void)state;
	assert_int_equal(count_rows(&r), 1);
	json_decref(r.report);
	r = run_filter("^nothing$");
	assert_int_equal(count_rows(&r), 1);
	json_decref(r.report);
	r = run_filter("^names/range");
	assert_int_equal(count_rows(&r), 3);
	json_decref(r.report);
}

static void a_report_may_go_into_a_pipe(void **state)
{
	struct run r;
	json_t *report;
	int fd;

	(void)state;
	assert_int_equal(mkfifo("pipe", 0600), 0);
	fd = open("pipe", O_RDWR);	/* its buffer is larger than the report */
	assert_true(fd >= 0);
	r = run("--benchmark_filter=^plain$", "--benchmark_out=pipe");
	assert_int_equal(r.status, 0);
	report = json_loadfd(fd, JSON_DISABLE_EOF_CHECK, NULL);
	assert_non_null(report);
	json_decref(report);
	close(fd);
}

static void a_report_follows_a_symbolic_link(void **state)
{
	struct run r = run_filter("^plain$");
	struct stat link;

	(void)state;
	json_decref(r.report);
	assert_int_equal(rename("report.json", "target"), 0);
	assert_int_equal(symlink("target", "report.json"), 0);
	r = run_filter("^names/range");
	assert_int_equal(count_rows(&r), 3);
	json_decref(r.report);
	assert_int_equal(lstat("report.json", &link), 0);
	assert_true(S_ISLNK(link.st_mode));
}

static void registrations_that_fail_let_nothing_run(void **state)
{
	struct run r = run_filter("plain", "nameless");

	(void)state;
	assert_int_equal(r.status, 4);
	assert_one_line(r.err, "gb_register()");
	assert_folder_has_no_report();
}

static void running_out_of_memory_is_no_exception(void **state)
{
	struct run r;

	(void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	skip();	/* their shadow memory does not fit under a limit */
#endif
	r = run_filter("plain", "oom");
	assert_int_equal(r.status, 4);
	assert_one_line(r.err, "out of memory");
	assert_folder_has_no_report();
}

/* Each test begins with an empty folder, whatever a run before it has left. */
static int empty_folder(void **state)
{
	DIR *dir = opendir(".");
	struct dirent *entry;

	(void)state;
	if (!dir)
		return -1;
	while ((entry = readdir(dir)))
		unlink(entry->d_name);
	return closedir(dir);
}

static int enter_folder(void **state)
{
	char self[PATH_MAX] = "";

	(void)state;
	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return -1;
	snprintf(sample, sizeof(sample), "%.*s/gb_sample", PATH_MAX - 12, dirname(self));
	return access(sample, X_OK) || !mkdtemp(folder) || chdir(folder);
}

static int remove_folder(void **state)
{
	return empty_folder(state) || rmdir(folder);
}

#define TEST(f) cmocka_unit_test_setup(f, empty_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names_show_what_was_set),
		TEST(a_benchmark_that_sets_nothing_keeps_its_name),
		TEST(batches_may_overshoot),
		TEST(threads_run_and_sum_up),
		TEST(counters_are_what_their_flags_say),
		TEST(counters_that_are_no_json_are_left_out),
		TEST(manual_time_is_the_time),
		TEST(the_clock_can_be_paused),
		TEST(the_context_is_in_the_report),
		TEST(errors_fail_the_row_and_the_run),
		TEST(a_failed_repetition_leaves_the_others),
		TEST(a_row_that_failed_is_not_called_again),
		TEST(errors_fail_the_run_without_a_report_too),
		TEST(a_stop_keeps_what_was_measured),
		TEST(a_stop_allows_an_early_return),
		TEST(a_filter_that_matches_nothing_is_an_error),
		TEST(tests_can_be_listed),
		TEST(bad_flags_are_named),
		TEST(seconds_need_no_unit_and_may_have_one),
		TEST(other_arguments_are_left),
		TEST(a_report_that_cannot_be_written_is_a_failure),
		TEST(a_report_replaces_an_older_one_only_when_complete),
		TEST(a_report_may_go_into_a_pipe),
		TEST(a_report_follows_a_symbolic_link),
		TEST(registrations_that_fail_let_nothing_run),
		TEST(running_out_of_memory_is_no_exception),
	};

	return cmocka_run_group_tests(tests, enter_folder, remove_folder);
}
