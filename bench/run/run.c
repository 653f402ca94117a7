// SPDX-License-Identifier: GPL-2.0-only
/*
 * The run: asks the benchmark program for its rows, launches it for one cell after
 * the other, keeps what went well and names what did not.
 */
#include <err.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alloc.h"
#include "clock.h"
#include "exit.h"
#include "launch.h"
#include "listener.h"
#include "merge.h"
#include "plan.h"
#include "progress.h"
#include "run.h"
#include "store.h"
#include "usage.h"

#define TICK 1.0		/* seconds between two looks at the progress line */

struct args {
	char *v[16];
	size_t n;
};

/* What went wrong with a cell. */
struct trouble {
	unsigned int failed;	/* launches */
	char *reason;		/* of the first of them */
	bool hung;
};

struct run {
	const struct run_options *options;
	struct plan plan;
	struct store store;
	struct merge merge;
	struct progress progress;
	struct trouble *troubles;	/* one a cell */
	struct usage before;	/* the first launch */
	enum launch_end end;	/* of the last launch */
};

__attribute__((format(printf, 2, 3)))
static void add_arg(struct args *args, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	args->v[args->n++] = xvprintf(format, list);
	va_end(list);
}

static void free_args(struct args *args)
{
	while (args->n)
		free(args->v[--args->n]);
}

/* What every call of the benchmark program has in common: which rows there are. */
static struct args matrix_args(const struct run_options *options)
{
	struct args args = { 0 };

	add_arg(&args, "%s", options->bench);
	add_arg(&args, "--profile=%s", options->profile);
	if (options->variants)
		add_arg(&args, "--variants=%s", options->variants);
	if (options->workloads)
		add_arg(&args, "--workloads=%s", options->workloads);
	return args;
}

/* The benchmark program knows what is wrong with its options: it has the word. */
static int list_failed(const struct run_options *options, const struct launch *launch)
{
	char *complaint = launch_complaint(launch);
	char *reason = launch_reason(launch);
	int status = EXIT_FAILED;

	if (launch->end == LAUNCH_STOPPED || launch->end == LAUNCH_QUIT) {
		warnx("stopped: nothing was measured yet");
		status = EXIT_STOPPED;
	} else if (launch->end == LAUNCH_FAILED && WIFEXITED(launch->status) &&
		   *complaint) {
		fprintf(stderr, "%s\n", complaint);
		status = WEXITSTATUS(launch->status);
	} else {
		warnx("%s cannot list its benchmarks: %s", options->bench, reason);
	}
	free(reason);
	free(complaint);
	return status;
}

/* The rows to run, a line each, to be freed; or NULL and an exit status. */
static char *list_rows(const struct run_options *options, int *status)
{
	struct args args = matrix_args(options);
	struct launch launch;
	char *list = NULL;
	int error;

	add_arg(&args, "--benchmark_list_tests");
	error = launch_start(&launch, args.v, options->timeout);
	free_args(&args);
	if (error) {
		warnx("%s: %s: build it with make or name another with --bench",
		      options->bench, strerror(error));
		*status = EXIT_USAGE;
		return NULL;
	}
	while (!launch_wait(&launch, TICK))
		;
	if (launch.end == LAUNCH_DONE)
		list = launch_output(&launch);
	else
		*status = list_failed(options, &launch);
	launch_free(&launch);
	return list;
}

static int make_plan(struct plan *plan, const struct run_options *options, char *list)
{
	const char *stranger = plan_parse(plan, list);

	plan->launches = options->launches;
	plan->seed = options->seed;
	if (stranger) {
		warnx("%s lists \"%s\", which is no family/variant/...: "
		      "name another with --bench", options->bench, stranger);
		return EXIT_USAGE;
	}
	if (!plan->n_rows) {
		warnx("%s has no such benchmark: see --variants and --workloads",
		      options->bench);
		return EXIT_USAGE;
	}
	return EXIT_FINE;
}

static void note_trouble(struct run *run, size_t cell, char *reason)
{
	struct trouble *trouble = &run->troubles[cell];

	trouble->failed++;
	if (trouble->reason)
		free(reason);
	else
		trouble->reason = reason;
}

/* A row that failed is why its program did; else the program's end has to tell. */
static char *why_it_failed(const struct launch *launch, const char *results)
{
	char *why = NULL;

	if (launch->end == LAUNCH_FAILED && WIFEXITED(launch->status))
		why = merge_failed_row(results);
	return why ? why : launch_reason(launch);
}

/* Start one launch and wait for it; NULL, or why it is of no use. */
static char *execute(struct run *run, struct args *args, const char *results,
		     double *seconds)
{
	struct launch launch;
	char *why = NULL;
	int error = launch_start(&launch, args->v, run->options->timeout);

	if (error) {
		run->end = LAUNCH_FAILED;
		return xprintf("cannot be started: %s", strerror(error));
	}
	while (!launch_wait(&launch, TICK))
		progress_tick(&run->progress);
	run->end = launch.end;
	*seconds = launch.seconds;
	if (launch.end != LAUNCH_DONE)
		why = why_it_failed(&launch, results);
	launch_free(&launch);
	return why;
}

static bool was_stopped(const struct run *run)
{
	return run->end == LAUNCH_STOPPED || run->end == LAUNCH_QUIT;
}

static struct args launch_args(const struct run *run, size_t cell, unsigned int round,
			       const char *results, const char *raw)
{
	struct args args = matrix_args(run->options);
	char *filter = plan_filter(&run->plan.cells[cell]);

	add_arg(&args, "--benchmark_filter=%s", filter);
	add_arg(&args, "--benchmark_out=%s", results);
	add_arg(&args, "--benchmark_out_format=json");
	/* With it stderr has complaints alone, and not the context. */
	add_arg(&args, "--benchmark_format=json");
	add_arg(&args, "--raw-out=%s", raw);
	add_arg(&args, "--seed=%u", plan_launch_seed(&run->plan, round));
	free(filter);
	return args;
}

/* One launch, from its command line to what it leaves behind. */
static void launch_cell(struct run *run, size_t cell, unsigned int round)
{
	char *results = store_path(&run->store, "launch.json");
	char *raw = store_path(&run->store, "launch-raw.json");
	struct args args = launch_args(run, cell, round, results, raw);
	double seconds = 0;
	char *why;

	progress_launch(&run->progress, cell, round);
	why = execute(run, &args, results, &seconds);
	if (!why)
		why = merge_launch(&run->merge, cell, round, results, raw);
	if (was_stopped(run)) {
		free(why);
	} else {
		progress_done(&run->progress, cell, why ? 0 : seconds);
		if (why)
			note_trouble(run, cell, why);
		run->troubles[cell].hung |= run->end == LAUNCH_HUNG;
	}

	unlink(results);
	unlink(raw);
	free(raw);
	free(results);
	free_args(&args);
}

/* A cell that hung once would hold up the run again in every round. */
static void skip_cell(struct run *run, size_t cell)
{
	progress_done(&run->progress, cell, 0);
	run->troubles[cell].failed++;
}

static void launch_all(struct run *run)
{
	size_t *order = xcalloc(run->plan.n_cells, sizeof(*order));
	unsigned int round;
	size_t i;

	for (round = 0; round < run->plan.launches; round++) {
		plan_order(&run->plan, round, order);
		for (i = 0; i < run->plan.n_cells && !was_stopped(run); i++) {
			if (run->troubles[order[i]].hung)
				skip_cell(run, order[i]);
			else
				launch_cell(run, order[i], round);
		}
	}
	free(order);
}

/* A line for each cell that failed, which the result set keeps; returns how many. */
static size_t report_troubles(struct run *run)
{
	size_t failed = 0;
	size_t i;

	for (i = 0; i < run->plan.n_cells; i++) {
		const struct trouble *trouble = &run->troubles[i];
		char *what, *filter;

		if (!trouble->failed)
			continue;
		failed++;
		filter = plan_filter(&run->plan.cells[i]);
		what = xprintf("%s failed in %u of %u launches: %s",
			       run->plan.cells[i].name, trouble->failed,
			       run->plan.launches, trouble->reason);
		warnx("%s: try %s --profile=%s --benchmark_filter='%s'", what,
		      run->options->bench, run->options->profile, filter);
		merge_warning(&run->merge, what);
		free(what);
		free(filter);
	}
	return failed;
}

/* What other programs took of the machine meanwhile, if it is worth a sentence. */
static char *warn_of_others(const struct run *run)
{
	struct usage now;

	return usage_read("", &now) ? usage_warning(&run->before, &now) : NULL;
}

/* Write what was kept; the path of the result set, or NULL with a line said. */
static char *commit(struct run *run)
{
	char *warning = warn_of_others(run);
	const struct merge_run facts = {
		.profile = run->options->profile,
		.date = run->store.date,
		.warning = warning,
	};
	struct merge *merge = &run->merge;
	const struct store_file files[] = {
		{ "results.json", merge_results(merge, &facts), JSON_INDENT(2) },
		{ "fingerprint.json", merge_fingerprint(merge), JSON_INDENT(2) },
		{ "histograms.json", merge_histograms(merge), JSON_COMPACT },
		{ "series.json", merge_series(merge), JSON_COMPACT },
	};
	const size_t n = sizeof(files) / sizeof(*files);
	char *path = store_commit(&run->store, merge_revision(merge), files, n);
	size_t i;

	for (i = 0; i < n; i++)
		json_decref(files[i].document);
	free(warning);
	return path;
}

/* Say how it ended, and where the results are; false if stdout does not take it. */
static bool report_end(const struct run *run, const char *path)
{
	unsigned int seconds = clock_seconds() - run->progress.started;

	if (was_stopped(run))
		warnx("stopped: kept %zu of %zu launches in %s", run->merge.kept,
		      run->progress.total, path);
	else
		warnx("%zu of %zu launches in %u:%02u", run->merge.kept,
		      run->progress.total, seconds / 60, seconds % 60);
	if ((puts(path) != EOF && !fflush(stdout)) || nobody_listens())
		return true;
	warn("stdout: the results are in %s", path);
	return false;
}

/* Write what there is to keep, say how it went, and tell the exit status. */
static int conclude(struct run *run)
{
	size_t failed = report_troubles(run);
	char *path = NULL;

	if (run->end == LAUNCH_QUIT || !run->merge.kept) {
		store_discard(&run->store);
		warnx("%s: nothing kept",
		      was_stopped(run) ? "stopped" : "every launch failed");
	} else {
		path = commit(run);
		failed += !path || !report_end(run, path);
	}
	free(path);
	if (was_stopped(run))
		return EXIT_STOPPED;
	return failed ? EXIT_FAILED : EXIT_FINE;
}

static int measure(struct run *run)
{
	size_t i;
	int status;

	if (store_open(&run->store, run->options->out,
		       run->plan.n_rows * run->plan.launches))
		return EXIT_FAILED;
	warnx("%zu cells, %u launches each, seed %llu", run->plan.n_cells,
	      run->plan.launches, (unsigned long long)run->plan.seed);
	run->troubles = xcalloc(run->plan.n_cells, sizeof(*run->troubles));
	merge_begin(&run->merge, &run->plan);
	progress_begin(&run->progress, &run->plan);
	usage_read("", &run->before);
	launch_all(run);
	progress_end(&run->progress);

	status = conclude(run);

	merge_free(&run->merge);
	for (i = 0; i < run->plan.n_cells; i++)
		free(run->troubles[i].reason);
	free(run->troubles);
	return status;
}

int run(const struct run_options *options)
{
	struct run run = { .options = options };
	int status = EXIT_FINE;
	char *list;

	launch_init();
	list = list_rows(options, &status);
	if (list) {
		status = make_plan(&run.plan, options, list);
		if (status == EXIT_FINE)
			status = measure(&run);
		plan_free(&run.plan);
	}
	free(list);
	return status;
}
