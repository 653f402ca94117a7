// SPDX-License-Identifier: GPL-2.0-only
/* What the figures of a row are; see row.h. */
#include <linux/math64.h>
#include <linux/string.h>

#include "clock.h"
#include "median.h"
#include "row.h"

#define PS_PER_S	1000000000000ULL

u64 typical_batch_ps(struct bench_row *row)
{
	bool ticks = row->settings->icount && !row->run.masked;
	u64 ps;

	if (!row->nr_batches)
		return 0;
	ps = wl_env_ps(median(row->batch, row->nr_batches));
	if (ticks)
		ps = wl_env_ps(row->batch[0]);
	return ticks && ps >= TICK_NSEC * 1000ULL ? 0 : ps;
}

/* An operation's share of so many picoseconds on each CPU. */
static u64 micro_ns(u64 ps, u64 ops)
{
	return div64_u64(ps * (MICRO / 1000), ops);
}

/* Not if some CPU was away for the whole of another's share. */
static bool all_met(const struct bench_row *row)
{
	u64 start = 0, end = U64_MAX;
	unsigned int i;

	for (i = 0; i < row->run.threads; i++) {
		start = max(start, row->member[i].start);
		end = min(end, row->member[i].end);
	}
	return start < end;
}

/*
 * Operations a second.  The CPUs' rates add up, for each did its share with all others at
 * work, from before its first operation to after its last.
 */
static u64 rate_of_all(const struct bench_row *row)
{
	u64 rate = 0;
	unsigned int i;

	for (i = 0; i < row->run.threads; i++)
		rate += mul_u64_u64_div_u64(row->ops, PS_PER_S,
					    max(worked_ps(&row->member[i]), 1ULL));
	return rate;
}

/* What an operation took each CPU, in millionths of a nanosecond; 0 if not known. */
static u64 each_took(struct bench_row *row)
{
	u64 rate;

	if (row->batch)
		return micro_ns(typical_batch_ps(row), quantum_of(row));
	rate = all_met(row) ? rate_of_all(row) : 0;
	return rate ? div64_u64(row->run.threads * MICRO * NSEC_PER_SEC, rate) : 0;
}

/* The mean time of an operation on one of the CPUs. */
static u64 took_micro_ns(const struct bench_row *row, unsigned int cpu)
{
	const struct wl_hist *calls = row->run.cpus[cpu].steady;

	if (calls)
		return micro_ns(calls->sum, max(calls->total, 1ULL));
	return micro_ns(worked_ps(&row->member[cpu]), row->ops);
}

/* Whether the pool serves its CPUs alike, which a mean over all of them hides. */
static void report_fairness(const struct bench_row *row)
{
	u64 fastest = took_micro_ns(row, 0), slowest = fastest;
	unsigned int i;

	if (row->run.threads == 1)
		return;
	for (i = 1; i < row->run.threads; i++) {
		fastest = min(fastest, took_micro_ns(row, i));
		slowest = max(slowest, took_micro_ns(row, i));
	}
	result_set(row->result, FASTEST_CPU_NS, fastest);
	result_set(row->result, SLOWEST_CPU_NS, slowest);
}

/*
 * ns_per_op is a CPU's time, or that of the CPUs that share an operation.  Where the
 * clock counts instructions, its nanoseconds are these.
 */
static void report_time(struct bench_row *row)
{
	unsigned int at_once = row->run.threads / max(row->workload->cpus_per_op, 1u);
	u64 each = each_took(row);

	if (!each)
		return;
	if (row->settings->icount) {
		result_set(row->result, INSTRUCTIONS_PER_OP, each);
		return;
	}
	result_set(row->result, NS_PER_OP, each);
	result_set(row->result, OPS_PER_S,
		   div64_u64(at_once * MICRO * NSEC_PER_SEC, each) * MICRO);
	report_fairness(row);
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

	all = kvcalloc(1, sizeof(*all), GFP_KERNEL);
	if (!all)
		return -ENOMEM;
	for (i = 0; i < row->run.threads; i++)
		hist_merge(all, row->run.cpus[i].steady);
	if (all->total) {
		report_percentiles(row->result, all);
		report_fairness(row);
	}
	err = result_histogram(row->result, STEADY, all);
	if (!err && growth)
		err = result_histogram(row->result, GROWTH, growth);
	kvfree(all);
	return err;
}

static void report_figures(struct bench_row *row)
{
	int i;

	for (i = 0; i < WL_FIGURES; i++) {
		/* That of a trim waits, and then counts no instructions. */
		if (i == WL_TRIM_NS && row->settings->icount)
			continue;
		if (row->run.have & BIT(i))
			result_set(row->result, PAGES_HELD + i,
				   row->run.figure[i] * MICRO);
	}
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
	bool counts = row->settings->icount;

	report_figures(row);
	report_members(row);
	/* A label is a time, too. */
	if (!counts)
		strscpy(row->result->label, row->run.label, sizeof(row->result->label));
	if (row->run.cpus[0].steady && !counts)
		return report_latency(row);
	report_time(row);
	return 0;
}
