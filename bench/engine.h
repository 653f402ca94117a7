/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One row of the matrix as a Google Benchmark: sets the workload up, brings its CPUs
 * to a start line warm, lets them work, keeps them all working until the last has
 * done its share, and reports.
 */
#ifndef BENCH_ENGINE_H
#define BENCH_ENGINE_H

#include <stdint.h>

struct wl_row;
struct wl_variant;
struct workload;

/* Once, before rows are registered; calibrates the clock.  0 or -errno. */
int engine_init(uint64_t seed);
void engine_exit(void);

/* A row on so many CPUs, under its name.  0 or -ENOMEM. */
int engine_register(const struct wl_variant *variant, const struct workload *workload,
		    const struct wl_row *row, int threads);

/*
 * Writes the histograms and series of the rows' last runs to a JSON file, by way of a
 * temporary name.  0 or -errno.
 */
int engine_write_raw(const char *path);

#endif
