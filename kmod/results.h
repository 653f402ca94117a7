/* SPDX-License-Identifier: GPL-2.0-only */
/* What the rows of a run measured, kept until the next one, and as JSON. */
#ifndef KMOD_RESULTS_H
#define KMOD_RESULTS_H

#include "plan.h"

struct seq_file;

enum counter {
	NS_PER_OP, OPS_PER_S, FASTEST_CPU_NS, SLOWEST_CPU_NS, INSTRUCTIONS_PER_OP,
	P50_NS, P90_NS, P99_NS, P999_NS, P9999_NS, MAX_NS, CLOCK_NS,
	PAGES_HELD, PAGES_OCCUPIED, PAGES_IDEAL, BYTES_STRANDED, /* as enum wl_figure */
	PAGES_HELD_AFTER_TRIM, BYTES_STRANDED_AFTER_TRIM, TRIM_NS,
	PINGPONG_NS, CONTEXT_SWITCHES,
	COUNTERS
};

/* Values have six decimals: they are in millionths. */
#define MICRO	1000000ULL

enum phase { STEADY, GROWTH, PHASES };

struct sample {
	u64 ops;
	size_t figure[WL_SAMPLED];
};

struct result {
	struct list_head list;
	char name[ROW_NAME_LEN];
	unsigned int family_index, instance_index, threads;
	u64 iterations;
	u64 real_time, cpu_time;	/* of an iteration, in millionths of a ns */
	u32 have;			/* bit n: counter n was measured */
	u64 value[COUNTERS];
	char label[sizeof_field(struct wl_run, label)];
	const char *op;			/* of the histograms */
	struct wl_hist *hist[PHASES];	/* NULL where there is none */
	struct sample *samples;
	size_t nr_samples, room;
};

/* NULL without memory. */
struct result *result_create(const struct planned *row);
void result_free(struct result *result);

/* Forgets what was measured, for the row's next try. */
void result_clear(struct result *result);
void result_set(struct result *result, enum counter counter, u64 value);
/* Keeps a copy.  -ENOMEM. */
int result_histogram(struct result *result, enum phase phase, const struct wl_hist *hist);
/* Adds a point to the series; ops = 0 starts it anew.  -ENOMEM. */
int result_sample(struct result *result, u64 ops, const size_t figure[WL_SAMPLED]);

/* Hands a result over; those of the last run are gone with results_clear(). */
void results_add(struct result *result);
void results_clear(void);

/* The contents of results.json and raw.json: seq_file show functions. */
int results_show(struct seq_file *seq, void *unused);
int results_show_raw(struct seq_file *seq, void *unused);

#endif
