/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A row while it is measured: what engine.c runs, in the environment of env.c, and
 * report.c makes figures of.
 */
#ifndef KMOD_ROW_H
#define KMOD_ROW_H

#include <linux/wait.h>

#include "plan.h"
#include "results.h"
#include "team.h"

/* One CPU's part of a row. */
struct member {
	struct bench_row *row;
	struct wl_cpu *cpu;
	struct task_struct *task;
	u64 start, end;			/* of its share */
	u64 paused_at, paused;
	u64 worked;			/* in batches, pauses left out */
	u64 pingpong_ps;
	unsigned long switches;
	unsigned long irq_flags;
	unsigned int os_cpu;
	unsigned int turns;		/* of a loop that waits */
	bool masked, clock_runs;
} ____cacheline_aligned;

struct bench_row {
	const struct planned *planned;
	const struct workload *workload;
	const struct settings *settings;
	struct result *result;
	const bool *aborted;
	const char *why;		/* of the error */
	struct team team;
	struct wl_run run;
	struct member *member;
	struct pingpong *table;		/* one for each pair of neighbours */
	u64 *batch;			/* ticks of each, where rows are timed so */
	unsigned int nr_batches, batch_stride;
	u64 batches_done;
	int error;
	u64 ops;			/* each CPU's share of this try */
	bool again, finished;
	wait_queue_head_t wait;		/* for finished */
};

static inline u64 quantum_of(struct bench_row *row)
{
	return row->workload->quantum(&row->run);
}

/* How long a CPU was at work on its share, pauses left out. */
static inline u64 worked_ps(const struct member *me)
{
	return wl_env_ps(me->worked);
}

/* Interrupts, where the row has them masked; unmasking also where they are not. */
void member_mask(struct member *me);
void member_unmask(struct member *me);

/*
 * What a batch took: the median's; where instructions are counted and interrupts stay on,
 * the shortest's, for QEMU's clock jumps at a tick.  A batch that is longer than a tick
 * had one, so 0; and 0 where batches are not timed.
 */
u64 typical_batch_ps(struct bench_row *row);

/* The figures of a row that has ended, into its result.  -ENOMEM. */
int report_row(struct bench_row *row);

#endif
