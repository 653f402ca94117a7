// SPDX-License-Identifier: GPL-2.0-only
/*
 * The program that gb_test.c runs: a benchmark for each behaviour of the C API, to be
 * chosen with --benchmark_filter. Arguments that gb_init() leaves choose what goes
 * wrong before the run: "oom" registers until memory ends, "nameless" registers
 * nothing; any other is printed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "gb.h"

static void loop(struct gb_state *st, void *arg)
{
	(void)arg;
	while (gb_keep_running(st))
		;
}

static void batches(struct gb_state *st, void *arg)
{
	(void)arg;
	while (gb_keep_running_batch(st, 7))
		;
	gb_counter(st, "asked", gb_max_iterations(st), GB_PLAIN);
	gb_counter(st, "given", gb_iterations(st), GB_PLAIN);
}

static void ranges(struct gb_state *st, void *arg)
{
	loop(st, arg);
	gb_counter(st, "first", gb_range(st, 0), GB_PLAIN);
}

static void missing_range(struct gb_state *st, void *arg)
{
	loop(st, arg);
	gb_range(st, 1);
}

static void threads(struct gb_state *st, void *arg)
{
	loop(st, arg);
	gb_counter(st, "count", 1, GB_PLAIN);
	gb_counter(st, "indices", 1 << gb_thread_index(st), GB_PLAIN);
	gb_counter(st, "told", gb_threads(st), GB_AVG_THREADS);
}

static void counters(struct gb_state *st, void *arg)
{
	loop(st, arg);
	gb_counter(st, "plain", 42, GB_PLAIN);
	gb_counter(st, "rate", 1, GB_RATE);
	gb_counter(st, "each", 3 * gb_iterations(st), GB_PER_ITERATION);
	gb_counter(st, "nan", 0.0 / *(volatile double *)&(double){ 0 }, GB_PLAIN);
	gb_counter(st, "infinite", 1.0 / *(volatile double *)&(double){ 0 }, GB_PLAIN);
	gb_label(st, "a \"label\"");
}

static void manual(struct gb_state *st, void *arg)
{
	while (gb_keep_running(st))
		gb_set_iteration_time(st, *(double *)arg);
}

static void paused(struct gb_state *st, void *arg)
{
	(void)arg;
	while (gb_keep_running(st)) {
		gb_pause(st);
		usleep(50000);
		gb_resume(st);
	}
}

static void error_before(struct gb_state *st, void *arg)
{
	(void)arg;
	gb_error(st, "cannot begin");
}

/* The other threads are in their loops, or waiting for this one, meanwhile. */
static void error_in_last_thread(struct gb_state *st, void *arg)
{
	(void)arg;
	while (gb_keep_running(st)) {
		if (gb_thread_index(st) == gb_threads(st) - 1) {
			gb_error(st, "gave up");
			return;
		}
	}
}

/* Fails when it is called for the *arg-th time; its batches overshoot. */
static void error_in_call(struct gb_state *st, void *arg)
{
	int *left = arg;

	if (!--*left)
		gb_error(st, "had enough");
	else
		batches(st, NULL);
}

/* The same with a stop, after which it goes on to its end as it should. */
static void stop_in_call(struct gb_state *st, void *arg)
{
	int *left = arg;

	if (!--*left)
		gb_stop();
	batches(st, NULL);
}

static void stop_early(struct gb_state *st, void *arg)
{
	(void)arg;
	while (gb_keep_running(st)) {
		gb_stop();
		return;
	}
}

static void never(struct gb_state *st, void *arg)
{
	(void)arg;
	gb_error(st, "called after gb_stop()");
	fputs("called after gb_stop()\n", stderr);
}

static void early(struct gb_state *st, void *arg)
{
	(void)arg;
	gb_keep_running(st);
}

/* What C++ code calls when it throws std::bad_alloc. */
void throw_bad_alloc(void) __asm__("_ZSt17__throw_bad_allocv");

static void throws(struct gb_state *st, void *arg)
{
	(void)arg;
	gb_keep_running(st);
	throw_bad_alloc();
}

static void register_names(void)
{
	static const int64_t pair[] = { 64, 2 };
	static const int64_t sizes[] = { 16, 32 }, holds[] = { 1, 2, 3 };
	static const struct gb_values lists[] = { { sizes, 2 }, { holds, 3 } };
	static const char *const names[] = { "size", "hold" };
	struct gb_bench *b;

	gb_register("plain", loop, NULL);
	b = gb_register("names/args", ranges, NULL);
	gb_bench_args(b, pair, 2);
	gb_bench_arg_names(b, names, 2);
	b = gb_register("names/product", ranges, NULL);
	gb_bench_product(b, lists, 2);
	gb_bench_arg_names(b, names, 2);
	b = gb_register("names/range", ranges, NULL);
	gb_bench_range(b, 8, 512, 8);
	b = gb_register("names/dense", ranges, NULL);
	gb_bench_dense_range(b, 1, 5, 2);
	b = gb_register("names/all", loop, NULL);
	gb_bench_iterations(b, 5);
	gb_bench_repetitions(b, 2);
	gb_bench_real_time(b);
	gb_bench_threads(b, 1);
	b = gb_register("names/min_time", loop, NULL);
	gb_bench_min_time(b, 0.002);
	gb_bench_unit(b, GB_US);
}

static void register_results(void)
{
	static double millisecond = 1e-3, nonsense = -1;
	struct gb_bench *b;

	b = gb_register("batch", batches, NULL);
	gb_bench_iterations(b, 10);
	b = gb_register("threads", threads, NULL);
	gb_bench_thread_range(b, 1, 4);
	gb_register("counters", counters, NULL);
	b = gb_register("manual", manual, &millisecond);
	gb_bench_manual_time(b);
	b = gb_register("bad_manual", manual, &nonsense);
	gb_bench_manual_time(b);
	b = gb_register("paused", paused, NULL);
	gb_bench_iterations(b, 4);
}

static void register_failures(void)
{
	static int first = 1, third = 3;
	struct gb_bench *b;

	gb_register("error/before", error_before, NULL);
	b = gb_register("error/last_thread", error_in_last_thread, NULL);
	gb_bench_threads(b, 3);
	b = gb_register("error/third", error_in_call, &third);
	gb_bench_iterations(b, 100);
	b = gb_register("error/first", error_in_call, &first);
	gb_bench_iterations(b, 100);
	gb_register("error/range", missing_range, NULL);
	gb_register("error/early", early, NULL);
	b = gb_register("error/early_last", early, NULL);
	gb_bench_iterations(b, 1);
	gb_register("error/throws", throws, NULL);
}

static void register_stops(void)
{
	static int third = 3;
	struct gb_bench *b;

	gb_register("stop/before", loop, NULL);
	b = gb_register("stop/third", stop_in_call, &third);
	gb_bench_iterations(b, 100);
	b = gb_register("stop/never", never, NULL);
	gb_bench_threads(b, 2);
	gb_register("stop_early/now", stop_early, NULL);
	gb_register("stop_early/never", never, NULL);
}

static void register_until_oom(void)
{
	static char name[1 << 20];
	struct rlimit limit = { 256 << 20, 256 << 20 };

	memset(name, 'x', sizeof(name) - 1);
	setrlimit(RLIMIT_AS, &limit);
	while (gb_register(name, loop, NULL))
		;
	gb_bench_threads(NULL, 2);
}

static void obey(const char *word)
{
	if (!strcmp(word, "oom"))
		register_until_oom();
	else if (!strcmp(word, "nameless"))
		gb_register("", loop, NULL);
	else
		printf("left: %s\n", word);
}

int main(int argc, char **argv)
{
	int status = gb_init(&argc, argv);

	if (status)
		return status;
	gb_context("fact", "a \"quoted\" value");
	register_names();
	register_results();
	register_failures();
	register_stops();
	for (int i = 1; argv[i]; i++)
		obey(argv[i]);
	return gb_run();
}
