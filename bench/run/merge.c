// SPDX-License-Identifier: GPL-2.0-only
/*
 * A launch is taken whole or not at all: its two files are checked against the plan
 * first, so that no result set has a row too many or too few. Rows without a time, which
 * are those of several CPUs of which one was away, are counted and told.
 * The joined file looks as if one process had run every row with repetitions, which
 * is what Google Benchmark's compare.py groups by.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "merge.h"
#include "text.h"

#define RAW_SCHEMA "dmapool-bench-raw/1"
#define HISTOGRAMS_SCHEMA "dmapool-bench-histograms/1"
#define SERIES_SCHEMA "dmapool-bench-series/1"

static json_t **new_arrays(size_t n)
{
	json_t **arrays = xcalloc(n, sizeof(*arrays));
	size_t i;

	for (i = 0; i < n; i++)
		arrays[i] = json_array();
	return arrays;
}

static void free_arrays(json_t **arrays, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		json_decref(arrays[i]);
	free(arrays);
}

void merge_begin(struct merge *merge, const struct plan *plan)
{
	*merge = (struct merge){
		.plan = plan,
		.warnings = json_array(),
		.rows = new_arrays(plan->n_rows),
		.histograms = new_arrays(plan->n_cells),
		.series = new_arrays(plan->n_cells),
	};
}

void merge_free(struct merge *merge)
{
	json_decref(merge->context);
	json_decref(merge->warnings);
	free_arrays(merge->rows, merge->plan->n_rows);
	free_arrays(merge->histograms, merge->plan->n_cells);
	free_arrays(merge->series, merge->plan->n_cells);
}

/* The string @key of an object, or "" if it has none. */
static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static char *load(const char *path, const char *what, json_t **document)
{
	json_error_t error;

	*document = json_load_file(path, 0, &error);
	if (*document)
		return NULL;
	if (error.line < 0)
		return xprintf("wrote no %s", what);
	return xprintf("wrote unusable %s: line %d: %s", what, error.line, error.text);
}

/* Why a row has no figures: it failed or, since Google Benchmark 1.8, was skipped. */
static char *failure_of(const json_t *row)
{
	const char *why;

	if (json_is_true(json_object_get(row, "error_occurred")))
		why = text_of(row, "error_message");
	else if (json_is_true(json_object_get(row, "skipped")))
		why = text_of(row, "skip_message");
	else
		return NULL;
	return one_line(xprintf("%s: %s", text_of(row, "name"),
				*why ? why : "it does not say why"));
}

char *merge_failed_row(const char *path)
{
	json_t *results = json_load_file(path, 0, NULL);
	char *why = NULL;
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(results, "benchmarks"), i, row) {
		why = failure_of(row);
		if (why)
			break;
	}
	json_decref(results);
	return why;
}

static char *check_row(const json_t *row, const char *name)
{
	char *why = failure_of(row);

	if (why)
		return why;
	if (strcmp(text_of(row, "run_type"), "iteration"))
		return xprintf("wrote a row that is no measurement: %s", name);
	return NULL;
}

/* Every row of the cell must be there, once, and no other. */
static char *check_rows(const struct plan *plan, size_t cell, const json_t *rows)
{
	bool *seen = xcalloc(plan->n_rows, sizeof(*seen));
	char *why = NULL;
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row) {
		const char *name = text_of(row, "name");
		ptrdiff_t at = plan_find(plan, cell, name);

		if (at < 0 || seen[at]) {
			why = xprintf("wrote a row it was not asked for: %s", name);
			break;
		}
		seen[at] = true;
		why = check_row(row, name);
		if (why)
			break;
	}
	for (i = 0; i < plan->n_rows && !why; i++)
		if (plan->rows[i].cell == cell && !seen[i])
			why = xprintf("left out the row %s", plan->rows[i].name);
	free(seen);
	return why;
}

static char *check_results(const struct plan *plan, size_t cell, const json_t *results)
{
	if (!json_is_object(json_object_get(results, "context")) ||
	    !json_is_array(json_object_get(results, "benchmarks")))
		return xprintf("wrote results without context or benchmarks");
	return check_rows(plan, cell, json_object_get(results, "benchmarks"));
}

/* Histograms and series name rows: of this cell, or they are lost. */
static char *check_names(const struct plan *plan, size_t cell, const json_t *entries)
{
	const json_t *entry;
	size_t i;

	json_array_foreach(entries, i, entry)
		if (plan_find(plan, cell, text_of(entry, "name")) < 0)
			return xprintf("wrote raw data of a row that is not its: %s",
				       text_of(entry, "name"));
	return NULL;
}

static char *check_raw(const struct plan *plan, size_t cell, const json_t *raw)
{
	const json_t *histograms = json_object_get(raw, "histograms");
	const json_t *series = json_object_get(raw, "series");
	char *why;

	if (strcmp(text_of(raw, "schema"), RAW_SCHEMA) ||
	    !json_is_array(histograms) || !json_is_array(series))
		return xprintf("wrote raw data that is not %s", RAW_SCHEMA);
	why = check_names(plan, cell, histograms);
	return why ? why : check_names(plan, cell, series);
}

/* A later launch finds what the run itself does to the machine: the first may tell. */
static bool is_of_the_moment(const char *sentence)
{
	return !strncmp(sentence, "the host has taken ", 19);
}

static void add_warning(struct merge *merge, const char *sentence)
{
	const json_t *known;
	size_t i;

	if (merge->kept && is_of_the_moment(sentence))
		return;
	json_array_foreach(merge->warnings, i, known)
		if (!strcmp(json_string_value(known), sentence))
			return;
	json_array_append_new(merge->warnings, json_string(sentence));
}

void merge_warning(struct merge *merge, const char *sentence)
{
	char *copy = xprintf("%s", sentence);
	char *at = copy;

	/* A reason may hold what parts two sentences, and bytes that are no text. */
	while ((at = strstr(at, "; ")))
		*at = ',';
	for (at = copy; *at; at++)
		if (!isascii(*at))
			*at = '?';
	add_warning(merge, copy);
	free(copy);
}

static void add_warnings(struct merge *merge, const char *sentences)
{
	char *copy = xprintf("%s", sentences);
	char *at = copy;

	while (at && *at) {
		char *end = strstr(at, "; ");

		if (end)
			*end = '\0';
		add_warning(merge, at);
		at = end ? end + 2 : NULL;
	}
	free(copy);
}

static void add_entries(json_t *to, json_t *entries, unsigned int round)
{
	json_t *entry;
	size_t i;

	json_array_foreach(entries, i, entry) {
		json_object_set_new(entry, "launch", json_integer(round));
		json_array_append(to, entry);
	}
}

/* A row of one CPU lacks a time only where instructions are counted instead. */
static void count_times(struct merge *merge, const json_t *row)
{
	if (json_integer_value(json_object_get(row, "threads")) < 2)
		return;
	merge->of_several++;
	merge->timeless += !json_object_get(row, "ns_per_op");
}

static void add_rows(struct merge *merge, size_t cell, json_t *rows, unsigned int round)
{
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row) {
		ptrdiff_t at = plan_find(merge->plan, cell, text_of(row, "name"));

		json_object_set_new(row, "launch", json_integer(round));
		json_array_append(merge->rows[at], row);
		count_times(merge, row);
	}
}

static void add_launch(struct merge *merge, size_t cell, unsigned int round,
		       json_t *results, json_t *raw)
{
	json_t *context = json_object_get(results, "context");

	if (!merge->context)
		merge->context = json_incref(context);
	add_warnings(merge, text_of(context, "warning"));
	add_rows(merge, cell, json_object_get(results, "benchmarks"), round);
	add_entries(merge->histograms[cell], json_object_get(raw, "histograms"), round);
	add_entries(merge->series[cell], json_object_get(raw, "series"), round);
	merge->kept++;
}

char *merge_launch(struct merge *merge, size_t cell, unsigned int round,
		   const char *results_path, const char *raw_path)
{
	json_t *results = NULL, *raw = NULL;
	char *why = load(results_path, "results", &results);

	if (!why)
		why = check_results(merge->plan, cell, results);
	if (!why)
		why = load(raw_path, "raw data", &raw);
	if (!why)
		why = check_raw(merge->plan, cell, raw);
	if (!why)
		add_launch(merge, cell, round, results, raw);
	json_decref(results);
	json_decref(raw);
	return why;
}

const char *merge_revision(const struct merge *merge)
{
	const char *revision = text_of(merge->context, "revision");

	return *revision ? revision : "unknown";
}

__attribute__((format(printf, 3, 4)))
static void set_text(json_t *object, const char *key, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	json_object_set_new(object, key, json_vsprintf(format, args));
	va_end(args);
}

static void set_warnings(json_t *context, const json_t *warnings)
{
	char *joined = xprintf("%s", "");
	const json_t *warning;
	size_t i;

	json_array_foreach(warnings, i, warning) {
		char *so_far = joined;

		joined = xprintf("%s%s%s", so_far, i ? "; " : "",
				 json_string_value(warning));
		free(so_far);
	}
	if (*joined)
		set_text(context, "warning", "%s", joined);
	free(joined);
}

/* The moments after, as the launches' fingerprint words those before. */
static void set_load_after(json_t *context)
{
	double load[3];

	if (getloadavg(load, 3) == 3)
		set_text(context, "load_after", "%.2f %.2f %.2f",
			 load[0], load[1], load[2]);
}

static void set_steal_after(json_t *context)
{
	FILE *stat = fopen("/proc/stat", "re");
	double ticks;

	if (!stat)
		return;
	if (fscanf(stat, "cpu %*f %*f %*f %*f %*f %*f %*f %lf", &ticks) == 1)
		set_text(context, "steal_after", "%.2f", ticks / sysconf(_SC_CLK_TCK));
	fclose(stat);
}

static void complete_context(struct merge *merge, const struct merge_run *run)
{
	size_t planned = merge->plan->n_cells * merge->plan->launches;
	json_t *context = merge->context;

	set_text(context, "date", "%s", run->date);
	set_text(context, "seed", "%llu", (unsigned long long)merge->plan->seed);
	set_text(context, "profile", "%s", run->profile);
	set_text(context, "launches", "%u", merge->plan->launches);
	set_load_after(context);
	set_steal_after(context);
	if (run->warning)
		json_array_append_new(merge->warnings, json_string(run->warning));
	if (merge->kept < planned)
		json_array_append_new(merge->warnings,
				      json_sprintf("kept %zu of %zu launches",
						   merge->kept, planned));
	if (merge->timeless)
		json_array_append_new(merge->warnings,
				      json_sprintf("%zu of %zu measurements of several "
						   "CPUs have no time: one was away",
						   merge->timeless, merge->of_several));
	set_warnings(context, merge->warnings);
}

/* One row's launches, numbered as Google Benchmark numbers repetitions. */
static void append_repetitions(json_t *benchmarks, const struct plan_row *row,
			       json_t *runs)
{
	json_t *run;
	size_t i;

	json_array_foreach(runs, i, run) {
		json_object_set_new(run, "family_index", json_integer(row->cell));
		json_object_set_new(run, "per_family_instance_index",
				    json_integer(row->index));
		json_object_set_new(run, "repetitions",
				    json_integer(json_array_size(runs)));
		json_object_set_new(run, "repetition_index", json_integer(i));
		json_array_append(benchmarks, run);
	}
}

json_t *merge_results(struct merge *merge, const struct merge_run *run)
{
	json_t *benchmarks = json_array();
	size_t i;

	complete_context(merge, run);
	for (i = 0; i < merge->plan->n_rows; i++)
		append_repetitions(benchmarks, &merge->plan->rows[i], merge->rows[i]);
	return json_pack("{s:O, s:o}", "context", merge->context,
			 "benchmarks", benchmarks);
}

/* Context that tells of the run, or of the file, rather than of machine and build. */
static bool is_machine_fact(const char *key)
{
	static const char *const others[] = {
		"date", "executable", "seed", "profile", "launches", "warning", "schema",
		"peers",
	};
	size_t i;

	for (i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (!strcmp(key, others[i]))
			return false;
	return true;
}

json_t *merge_fingerprint(const struct merge *merge)
{
	json_t *facts = json_object();
	const char *key;
	json_t *value;

	json_object_foreach(merge->context, key, value)
		if (json_is_string(value) && is_machine_fact(key))
			json_object_set(facts, key, value);
	return facts;
}

static json_t *join_cells(const struct merge *merge, json_t *const *arrays)
{
	json_t *joined = json_array();
	size_t i;

	for (i = 0; i < merge->plan->n_cells; i++)
		json_array_extend(joined, arrays[i]);
	return joined;
}

json_t *merge_histograms(const struct merge *merge)
{
	return json_pack("{s:s, s:o}", "schema", HISTOGRAMS_SCHEMA,
			 "histograms", join_cells(merge, merge->histograms));
}

json_t *merge_series(const struct merge *merge)
{
	return json_pack("{s:s, s:o}", "schema", SERIES_SCHEMA,
			 "series", join_cells(merge, merge->series));
}
