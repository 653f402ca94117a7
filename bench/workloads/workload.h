/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a workload is, and what it is given.
 *
 * A workload is a file that defines one struct workload: which rows there are, how to
 * set a row up, and a function that does so many operations on one CPU.  It speaks to
 * the pool by <linux/dmapool.h> and dmapool_ext.h and to the rest of the world by the
 * environment below: kernel C, no libc, nothing that knows which build it is in.  The
 * harness decides how often, on which CPUs and by which clock.
 *
 * Workloads are compiled once and linked with every pool apart, so that a call of
 * dma_pool_alloc() is a direct call into that pool.
 */
#ifndef WORKLOADS_WORKLOAD_H
#define WORKLOADS_WORKLOAD_H

#include <linux/cache.h>
#include <linux/dmapool.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/timex.h>
#include <asm/barrier.h>

#include "hist.h"
#include "rng.h"
#include "../../variants/dmapool_ext.h"

#define WL_POOLS	8	/* at most, in one run */
#define WL_NAME_LEN	160

enum wl_order { WL_LIFO = 1, WL_FIFO, WL_RANDOM };
enum wl_phase { WL_DOWN = 1, WL_MIXED, WL_CHURN2, WL_CHURN10 };
enum wl_op { WL_ALLOC = 1, WL_FREE };
enum wl_pattern { WL_NVME = 1, WL_EHCI, WL_NIC, WL_MPT3SAS };
enum wl_shared { WL_OWN = 1, WL_SHARED };

/* One row of the matrix; what is zero does not appear in its name. */
struct wl_row {
	enum wl_pattern pattern;
	unsigned int size, align, boundary;	/* boundary is named where align is */
	unsigned int blocks;
	unsigned int hold;
	enum wl_order order;
	enum wl_phase phase;
	enum wl_op op;
	enum wl_shared shared;
	bool many;				/* on 1, 2, 4 ... CPUs, not just one */
	bool full;				/* only in the full profile */
};

/* What a row measured beyond time. */
enum wl_figure {
	WL_PAGES_HELD,
	WL_PAGES_OCCUPIED,
	WL_PAGES_IDEAL,
	WL_BYTES_STRANDED,
	WL_SAMPLED,		/* those before it make a point of a series */
	WL_PAGES_HELD_AFTER_TRIM = WL_SAMPLED,
	WL_BYTES_STRANDED_AFTER_TRIM,
	WL_TRIM_NS,
	WL_FIGURES
};

/* One CPU's share of a run.  Written by that CPU alone. */
struct wl_cpu {
	struct wl_run *run;
	unsigned int index;	/* 0 ... threads - 1 */
	struct dma_pool *pool;	/* the one it works on, where there is one */
	u64 rng;
	void *data;		/* the workload's */
	int error;		/* set once; ends the run */

	/*
	 * Set by a workload that times operations singly: those that count, all before
	 * and after them, and those while the pool still takes pages.
	 */
	struct wl_hist *steady, *aside, *growth;
	struct wl_hist *times;	/* the harness sets it: where work() adds to */
} ____cacheline_aligned;

struct wl_run {
	const struct wl_row *row;
	unsigned int threads;
	u64 seed;
	struct device *dev;
	void *env;		/* the harness's */
	struct wl_cpu *cpus;
	struct dma_pool *pools[WL_POOLS];
	void *data;		/* the workload's */
	unsigned int have;	/* bit n: figure n was measured */
	size_t figure[WL_FIGURES];
	char label[96];
	bool masked;		/* interrupts are, by the harness: work() may not sleep */
	int stop;		/* the harness sets it: every CPU has done its share */
};

struct workload {
	const char *family;
	const struct wl_row *rows;
	unsigned int nr_rows;

	/* CPUs that share one operation: 2 where one allocates, another frees; 0 is 1 */
	unsigned int cpus_per_op;

	/* Operations that must be done in one go; work() is called with a multiple. */
	u64 (*quantum)(const struct wl_run *run);

	/* On CPU 0, may sleep; teardown also after a failed setup, and after errors. */
	int (*setup)(struct wl_run *run);
	void (*teardown)(struct wl_run *run);

	/* work() sleeps while it is timed, unless told not to: interrupts stay on */
	bool sleeps;

	/*
	 * The timed part, on each CPU; between wl_env_pause() and wl_env_resume() it is
	 * not timed, for what a quantum needs to start from.
	 */
	void (*work)(struct wl_cpu *cpu, u64 ops);

	/* Once, after the last work(), CPU 0, may sleep: fill in figures and label. */
	void (*report)(struct wl_run *run);
};

/*
 * The environment, given by the build.
 *
 * wl_env_ps() makes picoseconds of a difference of wl_clock().
 * wl_env_pools_file() reads the device's pools file into buf (PAGE_SIZE); may sleep.
 * wl_env_sample() adds run->figure, as far as WL_SAMPLED, to the row's series; ops = 0
 * starts it anew.
 * wl_env_pause() and wl_env_resume() stop and start the clock; on one CPU only.
 * wl_env_relax() is for each turn of a loop that waits for another CPU.
 */
u64 wl_env_ps(u64 ticks);
ssize_t wl_env_pools_file(struct device *dev, char *buf);
void wl_env_sample(struct wl_run *run, u64 ops);
void wl_env_pause(struct wl_cpu *cpu);
void wl_env_resume(struct wl_cpu *cpu);
void wl_env_relax(struct wl_cpu *cpu);

/* In ticks; what comes before in the program has been done when it is read. */
static inline u64 wl_clock(void)
{
	/* Nothing is paired: it holds the reading back until the rest is done. */
	rmb();
	return get_cycles();
}

extern const struct workload wl_pair, wl_batch, wl_dmapool_test, wl_contend, wl_handoff,
			     wl_latency, wl_frag, wl_driver, wl_bulk;

/* The families there are, in the order of the report; ends with NULL. */
extern const struct workload *const wl_families[];

/* What a variant's partial link offers to the harness. */
struct wl_variant {
	const char *name;
	const char *version;		/* of what is not this tree's, else "" */
	const struct workload *const *families;
	bool (*set_debug)(bool on);
	void (*row_name)(char *buf, size_t len, const char *family, const char *variant,
			 const struct wl_row *row);
};

/* Defined by the build for a pool from elsewhere. */
#ifndef VARIANT_VERSION
#define VARIANT_VERSION ""
#endif

/* Shared by the workloads (common.c). */

/* The run's pools of one shape, one for all CPUs or one each; sets ->pool. */
int wl_create_pools(struct wl_run *run, bool shared, size_t size, size_t align,
		    size_t boundary);
void wl_destroy_pools(struct wl_run *run);

/* Zeroed memory for each CPU's ->data. */
int wl_alloc_data(struct wl_run *run, size_t bytes);
void wl_free_data(struct wl_run *run);

/* A permutation of 0 ... n - 1. */
void wl_permute(unsigned int *order, unsigned int n, u64 *rng);

/* The sums of the device's pools file; -errno. */
struct wl_usage {
	size_t active, blocks, pages;
};

int wl_usage(struct device *dev, struct wl_usage *usage);

/*
 * Pages held, occupied and ideal, and bytes stranded, with these nr blocks of size
 * bytes live in pool; a dead entry has no vaddr.  Sets run->figure; -errno.
 */
int wl_measure_pages(struct wl_run *run, struct dma_pool *pool, size_t size,
		     const struct dma_pool_block *blocks, size_t nr);

/*
 * Asks pool to give back what it can: pages held and bytes stranded thereafter, and how
 * long the call took.  Sets run->figure; -errno.  May sleep.
 */
int wl_measure_trim(struct wl_run *run, struct dma_pool *pool);

/* "family/variant/key:value/...", without the threads. */
void wl_row_name(char *buf, size_t len, const char *family, const char *variant,
		 const struct wl_row *row);

#endif
