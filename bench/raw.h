/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What does not fit into Google Benchmark's flat rows: histograms, and series over the
 * course of a run.  One JSON file a process; results/schema describes it.
 */
#ifndef BENCH_RAW_H
#define BENCH_RAW_H

#include "workloads/workload.h"

enum raw_phase { RAW_STEADY, RAW_GROWTH, RAW_PHASES };

struct raw_sample {
	u64 ops;
	size_t figure[WL_SAMPLED];
};

/* Of one row's last run. */
struct raw_row {
	char name[WL_NAME_LEN + 20];		/* with the threads */
	const char *op;				/* "alloc" or "free", of the histograms */
	struct wl_hist *hist[RAW_PHASES];	/* NULL where there is none */
	struct raw_sample *sample;
	size_t nr_samples, room;
};

/* Forgets what the row holds, for its next run. */
void raw_row_clear(struct raw_row *row);
void raw_row_free(struct raw_row *row);

/* Keeps a copy.  Out of memory, the row goes without. */
void raw_row_histogram(struct raw_row *row, enum raw_phase phase,
		       const struct wl_hist *hist);
/* Adds a point to the series; ops = 0 starts it anew. */
void raw_row_sample(struct raw_row *row, u64 ops, const size_t figure[WL_SAMPLED]);

struct raw_file;

struct raw_file *raw_file_create(void);
void raw_file_add(struct raw_file *file, const struct raw_row *row);

/* By way of path.tmp, renamed when complete.  0 or -errno.  Frees file. */
int raw_file_write(struct raw_file *file, const char *path);

#endif
