/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A C API over Google Benchmark: register functions, run them, get its reports,
 * its command line and its JSON, without writing C++.
 *
 *	static void copy(struct gb_state *st, void *arg)
 *	{
 *		char *buf = malloc(2 * gb_range(st, 0));
 *
 *		if (!buf) {
 *			gb_error(st, "out of memory");
 *			return;
 *		}
 *		while (gb_keep_running(st))
 *			memcpy(buf, buf + gb_range(st, 0), gb_range(st, 0));
 *		free(buf);
 *	}
 *
 *	int main(int argc, char **argv)
 *	{
 *		struct gb_bench *b;
 *
 *		if (gb_init(&argc, argv))
 *			return 2;
 *		b = gb_register("copy", copy, NULL);
 *		gb_bench_range(b, 64, 4096, 8);
 *		gb_bench_arg_names(b, (const char *[]){ "size" }, 1);
 *		return gb_run();
 *	}
 *
 * Works with libbenchmark 1.7 and 1.9. No C++ exception leaves this API: it becomes
 * a failed row or a failed run.
 *
 * The names of the rows are the name given to gb_register() and, in this order and
 * only where asked for, separated by '/': the arguments ("64", with a name
 * "size:64"), "min_time:0.500", "iterations:1000", "repeats:9", "manual_time" or
 * "real_time", "threads:2". So a benchmark that sets nothing keeps its name as it
 * is, and one that only sets threads has "/threads:N" added. The command line flags
 * change no name.
 */
#ifndef GB_H
#define GB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One thread's view of one run of a benchmark; valid until the function returns. */
struct gb_state;

/* A registered benchmark; lives as long as the process. */
struct gb_bench;

/*
 * The process. Call gb_init() first, from one thread, before any thread is started;
 * then register; then gb_run(), once.
 */

enum gb_status {
	GB_OK = 0,
	GB_USAGE = 2,		/* a bad flag, or a filter that matched nothing */
	GB_FAILED = 4,		/* a benchmark, a registration or an output failed */
	GB_STOPPED = 130,	/* gb_stop() was called */
};

/**
 * gb_init - read the command line
 * @argc: number of arguments; on return, of those left
 * @argv: the arguments as main() got them; on return without those consumed
 *
 * Consumes every argument that begins with "--benchmark_" and leaves the rest,
 * "--help" too, for the caller. The file of --benchmark_out is always JSON.
 *
 * Return: GB_OK, or GB_USAGE after one line on stderr that names the flag that
 * libbenchmark does not know or whose value it does not take.
 */
int gb_init(int *argc, char **argv);

/**
 * gb_context - put a fact about this run into the report's context
 * @key: a JSON key, UTF-8; of two values for one key the first stays
 * @value: its string, UTF-8
 *
 * Before gb_run().
 */
void gb_context(const char *key, const char *value);

/**
 * gb_run - run what --benchmark_filter chose, and report
 *
 * With --benchmark_list_tests, prints the names instead. The file of --benchmark_out
 * is written under a temporary name beside it and renamed when complete: it is never
 * there by halves. A pipe or a device is written to directly. Counters that are NaN or
 * infinite are no JSON and are left out of all reports.
 *
 * Return: GB_OK; GB_USAGE if the filter is no regular expression or matches nothing;
 * GB_FAILED if a benchmark reported an error, a registration went wrong (nothing is
 * run then), or the report could not be written; GB_STOPPED after gb_stop(), with all
 * rows measured until then in a complete report. Every failure that has no row in the
 * report has a line on stderr.
 */
int gb_run(void);

/**
 * gb_stop - let gb_run() return soon
 *
 * No benchmark function is called any more. The threads that run at the moment finish
 * their function; one that sees for itself that it should stop may return early,
 * which is no error then. Runs that were not made or not finished leave no rows.
 *
 * Async-signal-safe: this is what a SIGINT handler calls.
 */
void gb_stop(void);

/*
 * Registering. Callers need not check every call: a setter does nothing with the NULL
 * of a gb_register() that failed, and if anything here fails, gb_run() refuses with a
 * line that says why. A number outside the range given here is a programming error, on
 * which libbenchmark aborts.
 */

/**
 * gb_fn - a benchmark function
 * @st: this run and thread
 * @arg: what gb_register() was given, shared by all threads
 *
 * Called again and again with more iterations until a run was long enough, and on
 * every thread of a run at once. It must loop on gb_keep_running() or
 * gb_keep_running_batch() until that is false, and make no call to them after:
 *
 *	prepare;
 *	while (gb_keep_running_batch(st, 1000))
 *		do it 1000 times;
 *	gb_counter(), gb_label(); clean up;
 *
 * All threads of a run wait for each other at the first such call and at the one that
 * is false. A thread that returns without reaching these is not waited for; without a
 * gb_error() its run fails as "returned early". A function whose threads wait for each
 * other by other means must itself tell the others before one gives up.
 *
 * Once a run has failed, the same arguments and threads are not called again.
 */
typedef void gb_fn(struct gb_state *st, void *arg);

/**
 * gb_register - add a benchmark
 * @name: not empty; parts separated by '/' by custom
 * @fn: what to run
 * @arg: handed to @fn
 *
 * Return: the benchmark, or NULL if out of memory or if @name or @fn is missing.
 */
struct gb_bench *gb_register(const char *name, gb_fn *fn, void *arg);

/**
 * gb_bench_args - one more row, with these arguments
 * @values: copied
 * @count: above 0, the same for all rows of @b
 */
void gb_bench_args(struct gb_bench *b, const int64_t *values, size_t count);

/**
 * gb_bench_range - rows with one argument: @lo, each power of @multiplier between, @hi
 * @lo: at most @hi
 * @multiplier: at least 2
 */
void gb_bench_range(struct gb_bench *b, int64_t lo, int64_t hi, int multiplier);

/**
 * gb_bench_dense_range - rows with one argument: @lo, @lo + @step, … up to @hi
 * @lo: at most @hi
 * @step: at least 1
 */
void gb_bench_dense_range(struct gb_bench *b, int64_t lo, int64_t hi, int step);

/* The values that one argument takes in gb_bench_product(); at least one. */
struct gb_values {
	const int64_t *values;
	size_t count;
};

/**
 * gb_bench_product - rows with every combination of the values
 * @lists: one list an argument; the first changes fastest
 * @count: arguments, above 0, the same for all rows of @b
 */
void gb_bench_product(struct gb_bench *b, const struct gb_values *lists, size_t count);

/**
 * gb_bench_arg_names - show arguments as "name:value" in the rows' names
 * @names: one an argument, copied; an empty one shows the bare value
 * @count: how many arguments @b has
 */
void gb_bench_arg_names(struct gb_bench *b, const char *const *names, size_t count);

/* Rows with @count threads (at least 1) for each set of arguments; adds up. */
void gb_bench_threads(struct gb_bench *b, int count);

/* Rows with @min threads (at least 1), each power of two between, and @max threads. */
void gb_bench_thread_range(struct gb_bench *b, int min, int max);

/* Runs last at least so many seconds (above 0); not together with iterations. */
void gb_bench_min_time(struct gb_bench *b, double seconds);

/* Runs have exactly so many iterations a thread (above 0), batches rounded up. */
void gb_bench_iterations(struct gb_bench *b, int64_t count);

/* Repeat each row so often (above 0); aggregates (mean, median, …) are added. */
void gb_bench_repetitions(struct gb_bench *b, int count);

enum gb_unit { GB_NS, GB_US, GB_MS, GB_S };

/* The unit of real_time and cpu_time in the report; without it, nanoseconds. */
void gb_bench_unit(struct gb_bench *b, enum gb_unit unit);

/* Wall time, not CPU time, says when a run was long enough, and divides rates. */
void gb_bench_real_time(struct gb_bench *b);

/* The same with the times given to gb_set_iteration_time(); not both. */
void gb_bench_manual_time(struct gb_bench *b);

/*
 * Running. These are called by a benchmark function, with its own @st and on its own
 * thread only.
 */

/**
 * gb_keep_running - is there another iteration to do?
 *
 * The first call waits for the other threads and starts the clock, the call that
 * returns false stops it and waits again.
 */
bool gb_keep_running(struct gb_state *st);

/**
 * gb_keep_running_batch - are there more iterations to do? Then do @n of them.
 * @n: above 0; the same in all repetitions, whose iteration counts must agree
 *
 * May overshoot gb_max_iterations() by less than @n; gb_iterations() counts true. One
 * call costs about a nanosecond: batches make that vanish.
 */
bool gb_keep_running_batch(struct gb_state *st, int64_t n);

/* The iterations asked of this thread in this run. */
int64_t gb_max_iterations(const struct gb_state *st);

/* The iterations this thread was given so far; after the loop, all of them. */
int64_t gb_iterations(const struct gb_state *st);

/* Argument @i of this row, from 0. One that is not there is 0, and an error. */
int64_t gb_range(struct gb_state *st, size_t i);

/* How many threads this run has. */
int gb_threads(const struct gb_state *st);

/* Which of them this one is, from 0. */
int gb_thread_index(const struct gb_state *st);

/**
 * gb_pause - stop this thread's clock
 *
 * Only inside the loop and while the clock runs; gb_resume() must follow before the
 * next gb_keep_running(). Costs some hundred nanoseconds: not for every iteration.
 */
void gb_pause(struct gb_state *st);

/* Let the clock that gb_pause() stopped go on. */
void gb_resume(struct gb_state *st);

/**
 * gb_set_iteration_time - add a time measured by the benchmark itself
 * @seconds: finite and not negative, else the run fails
 *
 * Counts with gb_bench_manual_time(); once for each call of gb_keep_running().
 */
void gb_set_iteration_time(struct gb_state *st, double seconds);

enum gb_counter_flags {
	GB_PLAIN = 0,			/* the value, summed over the threads */
	GB_RATE = 1 << 0,		/* divided by the time of the run in seconds */
	GB_AVG_THREADS = 1 << 1,	/* divided by the number of threads */
	GB_PER_ITERATION = 1 << 3,	/* divided by the iterations of all threads */
};

/**
 * gb_counter - report a figure of its own beside the times
 * @name: a JSON key, UTF-8
 * @value: this thread's part; setting it again replaces it
 * @flags: of gb_counter_flags, combined with '|'; the same in all threads and runs
 *
 * The parts of all threads are summed, so what is known of the whole run is for one
 * thread to set. A sum that is NaN or infinite is left out of the report.
 */
void gb_counter(struct gb_state *st, const char *name, double value, unsigned int flags);

/* A remark at the end of the row, UTF-8; of several threads the last one stays. */
void gb_label(struct gb_state *st, const char *text);

/**
 * gb_error - this run failed
 * @message: shown in place of the figures; the first one of a run stays
 *
 * The function must clean up and return: gb_keep_running() does not become false by
 * itself. The other threads go on to their end, then the row is reported as failed
 * and gb_run() returns GB_FAILED.
 */
void gb_error(struct gb_state *st, const char *message);

#ifdef __cplusplus
}
#endif

#endif /* GB_H */
