// SPDX-License-Identifier: GPL-2.0-only
/* What the figures of a row are; see row.h. */
#include <linux/math64.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "clock.h"
#include "row.h"

/* From when the last CPU had started to when the first was done; 0 if never so. */
static u64 window_ps(const struct bench_row *row)
{
	u64 start = 0;
	unsigned int i;

	for (i = 0; i < row->run.threads; i++)
		start = max(start, row->member[i].start);
	if (start >= row->window_end)
		return 0;
	return wl_env_ps(row->window_end - start - row->member[0].paused);
}

static int by_value(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return (x > y) - (x < y);
}

u64 typical_batch_ps(struct bench_row *row)
{
	bool ticks = row->settings->icount && !row->run.masked;
	u64 ps;

	if (!row->nr_batches)
		return 0;
	sort(row->batch, row->nr_batches, sizeof(*row->batch), by_value, NULL);
	ps = wl_env_ps(row->batch[ticks ? 0 : row->nr_batches / 2]);
	return ticks && ps >= TICK_NSEC * 1000ULL ? 0 : ps;
}

/* An operation's share of so many picoseconds on each CPU. */
static u64 micro_ns(u64 ps, u64 ops)
{
	return div64_u64(ps * (MICRO / 1000), ops);
}

/*
 * ns_per_op is a CPU's time, or that of the CPUs that share an operation.  Left out
 * where some CPU was away for the whole of the others' work.  Where the clock counts
 * instructions, its nanoseconds are these.
 */
static void report_time(struct bench_row *row)
{
	unsigned int cpus = row->run.threads;
	u64 ops = row->window_ops, ps = window_ps(row) * cpus, each;

	if (row->batch) {
		ps = typical_batch_ps(row);
		ops = quantum_of(row);
	}
	cpus /= max(row->workload->cpus_per_op, 1u);
	if (!ps || !ops)
		return;
	each = micro_ns(ps, ops);
	if (row->settings->icount) {
		result_set(row->result, INSTRUCTIONS_PER_OP, each);
		return;
	}
	result_set(row->result, NS_PER_OP, each);
	if (each)
		result_set(row->result, OPS_PER_S,
			   div64_u64(cpus * MICRO * 1000000000, each) * MICRO);
}

static void report_percentiles(struct result *result, const struct wl_hist *all)
{
	static const u32 per_million[] = { 500000, 900000, 990000, 999000, 999900 };
	int i;

	for (i = 0; i < ARRAY_SIZE(per_million); i++)
		result_set(result, P50_NS + i, hist_quantile(all, per_million[i]) * 1000);
	result_set(result, MAX_NS, all->max * 1000);
	result_set(result, CLOCK_NS, clock_cost_ps() * 1000);
	result_set(result, NS_PER_OP, div64_u64(all->sum, all->total) * 1000);
}

/* Operations timed one by one: the mean and percentiles of these, clock included. */
static int report_latency(struct bench_row *row)
{
	const struct wl_hist *growth = row->run.cpus[0].growth;
	struct wl_hist *all;
	unsigned int i;
	int err;

	if (!row->run.cpus[0].steady || row->settings->icount)
		return 0;
	all = kvcalloc(1, sizeof(*all), GFP_KERNEL);
	if (!all)
		return -ENOMEM;
	for (i = 0; i < row->run.threads; i++)
		hist_merge(all, row->run.cpus[i].steady);
	if (all->total)
		report_percentiles(row->result, all);
	err = result_histogram(row->result, STEADY, all);
	if (!err && growth)
		err = result_histogram(row->result, GROWTH, growth);
	kvfree(all);
	return err;
}

static void report_figures(struct bench_row *row)
{
	int i;

	for (i = 0; i < WL_FIGURES; i++)
		if (row->run.have & BIT(i))
			result_set(row->result, PAGES_HELD + i,
				   row->run.figure[i] * MICRO);
}

static void report_members(struct bench_row *row)
{
	unsigned int pairs = row->run.threads / 2, i;
	u64 ball = 0, switches = 0, worked = 0;

	for (i = 0; i < row->run.threads; i++) {
		switches += row->member[i].switches;
		worked += worked_ps(&row->member[i]);
		if (i & 1)
			ball += row->member[i - 1].pingpong_ps;
	}
	if (pairs)
		result_set(row->result, PINGPONG_NS, ball * 1000 / pairs);
	result_set(row->result, CONTEXT_SWITCHES, switches * MICRO);
	row->result->iterations = row->ops * row->run.threads;
	row->result->real_time = micro_ns(worked_ps(&row->member[0]),
					  row->result->iterations);
	row->result->cpu_time = micro_ns(worked, row->result->iterations);
}

int report_row(struct bench_row *row)
{
	report_time(row);
	report_figures(row);
	report_members(row);
	/* A label is a time, too. */
	if (!row->settings->icount)
		strscpy(row->result->label, row->run.label, sizeof(row->result->label));
	return report_latency(row);
}
