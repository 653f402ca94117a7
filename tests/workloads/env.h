/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the harness is to a workload, for tests: the environment of workload.h, and a
 * run that a test sets up, lets work and looks at.
 */
#ifndef TESTS_WORKLOADS_ENV_H
#define TESTS_WORKLOADS_ENV_H

#include "bench/workloads/workload.h"

#define ENV_CPUS	4
#define ENV_SAMPLES	256

/* What wl_env_ps() makes of a tick. */
#define ENV_PS_PER_TICK	1000

struct env_sample {
	u64 ops;
	size_t figure[WL_SAMPLED];
};

struct env {
	const struct workload *workload;
	struct wl_run run;
	struct wl_cpu cpus[ENV_CPUS];
	struct env_sample sample[ENV_SAMPLES];	/* all there were, of every pass */
	unsigned int nr_samples;
	bool paused;
};

/* What wl_env_pools_file() reads; NULL: the device's own file. */
extern const char *env_pools_text;

/* A fresh run of one row: nothing is set up.  row must live as long as it. */
void env_init(struct env *env, const struct workload *workload,
	      const struct wl_row *row, unsigned int threads, u64 seed,
	      struct device *dev);

/*
 * Has every CPU do so many quanta, the calling thread as CPU 0, the others as threads
 * that become CPUs of the shim; an error ends the run, as in the harness.  Returns the
 * first CPU's error that there is, or 0.
 */
int env_work(struct env *env, unsigned int quanta);

#endif
