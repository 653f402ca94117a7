/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Joins what the launches wrote into the documents of one result set.
 */
#ifndef RUN_MERGE_H
#define RUN_MERGE_H

#include <jansson.h>

#include "plan.h"

struct merge {
	const struct plan *plan;
	json_t *context;	/* the first launch's */
	json_t *warnings;	/* of all launches, each once */
	json_t **rows;		/* one array a row of the plan, by launch */
	json_t **histograms;	/* one array a cell */
	json_t **series;	/* one array a cell */
	size_t kept;		/* launches */
	size_t of_several;	/* CPUs, of the rows measured */
	size_t timeless;	/* those of these without ns_per_op */
};

/* What describes the run as a whole and no launch can know. */
struct merge_run {
	const char *profile;
	const char *date;	/* when it began, RFC 3339 */
	const char *warning;	/* a sentence, or NULL */
};

void merge_begin(struct merge *merge, const struct plan *plan);

/**
 * merge_launch() - add what one launch wrote, or nothing of it
 * @results:	path of its --benchmark_out file
 * @raw:	path of its --raw-out file
 *
 * Launches of one cell are to be added in the order of their rounds.
 *
 * Return: NULL, or why the files are not what this cell's launch must write: a line
 * to be freed.
 */
char *merge_launch(struct merge *merge, size_t cell, unsigned int round,
		   const char *results, const char *raw);

/**
 * merge_failed_row() - which row of a --benchmark_out file failed first, and why
 *
 * Return: NULL if none says so, or a line to be freed.
 */
char *merge_failed_row(const char *results);

/* Have the result set tell, too, what went wrong in the run. */
void merge_warning(struct merge *merge, const char *sentence);

/* The git revision of the benchmark program; needs a kept launch. */
const char *merge_revision(const struct merge *merge);

/*
 * The documents, new references all; they need a kept launch. merge_results()
 * completes the context, which merge_fingerprint() then reads.
 */
json_t *merge_results(struct merge *merge, const struct merge_run *run);
json_t *merge_fingerprint(const struct merge *merge);
json_t *merge_histograms(const struct merge *merge);
json_t *merge_series(const struct merge *merge);

void merge_free(struct merge *merge);

#endif
