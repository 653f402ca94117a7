// SPDX-License-Identifier: GPL-2.0-only
/* Runs one row; see engine.h. */
#include "workloads/workload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/callgrind.h>

#include <asm/processor.h>

#include "clock.h"
#include "counters.h"
#include "engine.h"
#include "gb.h"
#include "pingpong.h"
#include "raw.h"
#include "team.h"
#include "topology.h"
#include "../shim/shim.h"

/* Operations before the clock starts, and no less than a quantum. */
#define WARM_UP_OPS 20000

/* Enough that no pool waits for the system's pages while it grows and is timed. */
#define RESERVE_BYTES (64UL << 20)

/* One CPU's part of a run. */
struct member {
	struct counters counters;
	struct counter_value counts[COUNTER_EVENTS];
	struct gb_state *st;
	uint64_t start, end, paused_at, paused;
	double pingpong_ns;
	bool clock_runs;
} __attribute__((__aligned__(2 * CACHE_LINE)));

struct bench_row {
	const struct workload *workload;
	struct team team;
	struct wl_run run;
	struct member *member;
	struct pingpong *table;		/* one for each pair of neighbours */
	int place_error;		/* of any thread that has no CPU to itself */
	int setup_error;
	uint64_t ops;			/* each CPU's share of this run */
	struct raw_row raw;
	struct bench_row *next;
};

static struct device *device;
static uint64_t engine_seed;
static double clock_cost;
static struct bench_row *rows, **last_row = &rows;

int engine_init(uint64_t seed)
{
	int cpu;

	engine_seed = seed;
	clock_calibrate();
	clock_cost = clock_cost_ns();
	shim_start_background();
	cpu = shim_cpu_up();
	if (cpu < 0)
		return cpu;
	device = shim_device_create("dmapool-bench", -1);
	if (!device)
		return -ENOMEM;
	return shim_dma_reserve(device, RESERVE_BYTES);
}

void engine_exit(void)
{
	for (struct bench_row *row = rows, *next; row; row = next) {
		next = row->next;
		raw_row_free(&row->raw);
		free(row->member);
		free(row->table);
		free(row->run.cpus);
		free(row);
	}
	rows = NULL;
	last_row = &rows;
	shim_device_destroy(device);
}

/* The environment of workload.h; the clock is in clock.c. */

ssize_t wl_env_pools_file(struct device *dev, char *buf)
{
	return shim_device_read(dev, "pools", buf);
}

void wl_env_sample(struct wl_run *run, u64 ops)
{
	struct bench_row *row = run->env;

	raw_row_sample(&row->raw, ops, run->figure);
}

static struct member *member_of(struct wl_cpu *cpu)
{
	struct bench_row *row = cpu->run->env;

	return &row->member[cpu->index];
}

void wl_env_pause(struct wl_cpu *cpu)
{
	struct member *me = member_of(cpu);

	if (!me->clock_runs)
		return;
	CALLGRIND_TOGGLE_COLLECT;
	me->paused_at = wl_clock();
	counters_stop(&me->counters);
	gb_pause(me->st);
}

void wl_env_resume(struct wl_cpu *cpu)
{
	struct member *me = member_of(cpu);

	if (!me->clock_runs)
		return;
	gb_resume(me->st);
	counters_start(&me->counters);
	me->paused += wl_clock() - me->paused_at;
	CALLGRIND_TOGGLE_COLLECT;
}

void wl_env_relax(struct wl_cpu *cpu)
{
	cpu_relax();
}

static void reset_run(struct bench_row *row)
{
	struct wl_run *run = &row->run;

	memset(run->cpus, 0, run->threads * sizeof(*run->cpus));
	memset(row->member, 0, run->threads * sizeof(*row->member));
	for (unsigned int i = 0; i < run->threads; i++) {
		run->cpus[i].run = run;
		run->cpus[i].index = i;
		run->cpus[i].rng = rng_seed(engine_seed + i);
	}
	run->have = 0;
	run->stop = 0;
	run->label[0] = '\0';
}

static uint64_t whole_quanta(uint64_t ops, uint64_t quantum)
{
	return (ops + quantum - 1) / quantum * quantum;
}

/* Neighbours 2i and 2i + 1 play; an odd one out has no figure. */
static void play_pingpong(struct bench_row *row, unsigned int index)
{
	struct pingpong *table = &row->table[index / 2];

	if ((index ^ 1) < row->run.threads)
		row->member[index].pingpong_ns += pingpong_play(table, !(index & 1)) / 2;
}

static void warm_up(struct bench_row *row, struct wl_cpu *cpu)
{
	uint64_t quantum = row->workload->quantum(&row->run);

	cpu->times = cpu->aside;
	row->workload->work(cpu, whole_quanta(WARM_UP_OPS, quantum));
}

/* The others still wait for a CPU that gave up: tell them. */
static void check_error(struct bench_row *row, struct wl_cpu *cpu)
{
	if (cpu->error)
		WRITE_ONCE(row->run.stop, 1);
}

static void do_share(struct bench_row *row, struct wl_cpu *cpu)
{
	uint64_t quantum = row->workload->quantum(&row->run), done;

	for (done = 0; done < row->ops; done += quantum) {
		if (cpu->error || READ_ONCE(row->run.stop))
			return;
		row->workload->work(cpu, quantum);
	}
}

/* Off the line, and on until all are seen at work: a CPU may leave late. */
static void get_under_way(struct bench_row *row, struct wl_cpu *cpu)
{
	uint64_t quantum = row->workload->quantum(&row->run);

	team_start_line(&row->team);
	if (row->run.threads == 1 || cpu->error)
		return;
	row->workload->work(cpu, quantum);
	team_under_way(&row->team);
	while (!team_all_under_way(&row->team) && !cpu->error &&
	       !READ_ONCE(row->run.stop))
		row->workload->work(cpu, quantum);
}

static void timed_part(struct bench_row *row, struct wl_cpu *cpu, struct member *me)
{
	get_under_way(row, cpu);
	cpu->times = cpu->steady;
	counters_start(&me->counters);
	me->clock_runs = true;
	CALLGRIND_TOGGLE_COLLECT;
	me->start = wl_clock();
	do_share(row, cpu);
	me->end = wl_clock();
	CALLGRIND_TOGGLE_COLLECT;
	me->clock_runs = false;
	counters_stop(&me->counters);
	cpu->times = cpu->aside;
}

/* Works on until all are done, so that the last one, too, was measured in company. */
static void cool_down(struct bench_row *row, struct wl_cpu *cpu)
{
	uint64_t quantum = row->workload->quantum(&row->run);

	if (team_done(&row->team))
		WRITE_ONCE(row->run.stop, 1);
	while (!READ_ONCE(row->run.stop) && !cpu->error)
		row->workload->work(cpu, quantum);
}

static void member_works(struct bench_row *row, struct wl_cpu *cpu, struct member *me)
{
	play_pingpong(row, cpu->index);
	warm_up(row, cpu);
	check_error(row, cpu);
	/* The first call waits for all; the second is the end. */
	while (gb_keep_running_batch(me->st, row->ops)) {
		timed_part(row, cpu, me);
		check_error(row, cpu);
		if (row->run.threads > 1) {
			gb_pause(me->st);
			cool_down(row, cpu);
			gb_resume(me->st);
		}
	}
	play_pingpong(row, cpu->index);
	counters_read(&me->counters, me->counts);
}

/* Not if some CPU was away for the whole of another's share. */
static bool all_met(const struct bench_row *row)
{
	uint64_t start = 0, end = UINT64_MAX;

	for (unsigned int i = 0; i < row->run.threads; i++) {
		start = max(start, row->member[i].start);
		end = min(end, row->member[i].end);
	}
	return start < end;
}

/* The mean time of an operation on one of the CPUs. */
static double took_ns(const struct bench_row *row, unsigned int cpu)
{
	const struct wl_hist *calls = row->run.cpus[cpu].steady;
	const struct member *me = &row->member[cpu];

	if (calls)
		return calls->sum / 1e3 / calls->total;
	return wl_env_ps(me->end - me->start - me->paused) / 1e3 / row->ops;
}

/* Whether the pool serves its CPUs alike, which a mean over all of them hides. */
static void report_fairness(const struct bench_row *row, struct gb_state *st)
{
	double fastest = took_ns(row, 0), slowest = fastest;

	if (row->run.threads == 1)
		return;
	for (unsigned int i = 1; i < row->run.threads; i++) {
		fastest = min(fastest, took_ns(row, i));
		slowest = max(slowest, took_ns(row, i));
	}
	gb_counter(st, "fastest_cpu_ns", fastest, GB_PLAIN);
	gb_counter(st, "slowest_cpu_ns", slowest, GB_PLAIN);
}

/*
 * The CPUs' rates add up, for each did its share with all others at work, from before
 * its first operation to after its last.  ns_per_op is a CPU's time, or that of the CPUs
 * that share an operation.
 */
static void report_time(const struct bench_row *row, struct gb_state *st)
{
	unsigned int per_op = max(row->workload->cpus_per_op, 1u);
	double all = 0;

	for (unsigned int i = 0; i < row->run.threads; i++)
		all += 1 / took_ns(row, i);
	gb_counter(st, "ns_per_op", row->run.threads / all, GB_PLAIN);
	gb_counter(st, "ops_per_s", 1e9 * all / per_op, GB_PLAIN);
	report_fairness(row, st);
}

/* Operations timed one by one: the mean and percentiles of these, clock included. */
static void report_latency(struct bench_row *row, struct gb_state *st)
{
	static const struct {
		const char *name;
		u32 per_million;
	} quantiles[] = {
		{ "p50_ns", 500000 }, { "p90_ns", 900000 }, { "p99_ns", 990000 },
		{ "p999_ns", 999000 }, { "p9999_ns", 999900 },
	};
	static struct wl_hist all;

	memset(&all, 0, sizeof(all));
	for (unsigned int i = 0; i < row->run.threads; i++)
		hist_merge(&all, row->run.cpus[i].steady);
	gb_counter(st, "ns_per_op", all.sum / 1e3 / all.total, GB_PLAIN);
	for (size_t i = 0; i < ARRAY_SIZE(quantiles); i++)
		gb_counter(st, quantiles[i].name,
			   hist_quantile(&all, quantiles[i].per_million) / 1e3, GB_PLAIN);
	gb_counter(st, "max_ns", all.max / 1e3, GB_PLAIN);
	gb_counter(st, "clock_ns", clock_cost, GB_PLAIN);
	report_fairness(row, st);
	raw_row_histogram(&row->raw, RAW_STEADY, &all);
	if (row->run.cpus[0].growth)
		raw_row_histogram(&row->raw, RAW_GROWTH, row->run.cpus[0].growth);
}

static void report_counters(struct bench_row *row, struct gb_state *st)
{
	struct counter_value sum[COUNTER_EVENTS];
	double ops = (double)row->ops * row->run.threads /
		     max(row->workload->cpus_per_op, 1u);

	memcpy(sum, row->member[0].counts, sizeof(sum));
	for (unsigned int i = 1; i < row->run.threads; i++)
		counters_add(sum, row->member[i].counts);
	for (int i = 0; i < COUNTER_EVENTS; i++)
		if (sum[i].valid)
			gb_counter(st, counter_events[i].row_name,
				   sum[i].value / (counter_events[i].per_op ? ops : 1),
				   GB_PLAIN);
}

static void report_figures(struct bench_row *row, struct gb_state *st)
{
	static const char *const names[WL_FIGURES] = {
		"pages_held", "pages_occupied", "pages_ideal", "bytes_stranded",
		"pages_held_after_trim", "bytes_stranded_after_trim", "trim_ns"
	};

	for (int i = 0; i < WL_FIGURES; i++)
		if (row->run.have & (1u << i))
			gb_counter(st, names[i], row->run.figure[i], GB_PLAIN);
}

static void report_pingpong(struct bench_row *row, struct gb_state *st)
{
	unsigned int pairs = row->run.threads / 2;
	double sum = 0;

	for (unsigned int i = 0; i < pairs; i++)
		sum += row->member[2 * i].pingpong_ns;
	if (pairs)
		gb_counter(st, "pingpong_ns", sum / pairs, GB_PLAIN);
}

static void report(struct bench_row *row, struct gb_state *st)
{
	if (row->run.cpus[0].steady)
		report_latency(row, st);
	else if (all_met(row))
		report_time(row, st);
	report_counters(row, st);
	report_figures(row, st);
	report_pingpong(row, st);
	if (row->run.label[0])
		gb_label(st, row->run.label);
}

static int first_error(const struct bench_row *row)
{
	for (unsigned int i = 0; i < row->run.threads; i++)
		if (row->run.cpus[i].error)
			return row->run.cpus[i].error;
	return row->place_error ?: row->setup_error;
}

static void set_up(struct bench_row *row, struct gb_state *st)
{
	reset_run(row);
	raw_row_clear(&row->raw);
	row->ops = whole_quanta(gb_max_iterations(st), row->workload->quantum(&row->run));
	row->setup_error = row->workload->setup(&row->run);
}

/* For bench/insn, which reads name and operations off callgrind's dump. */
static void dump_instructions(struct bench_row *row)
{
	char text[sizeof(row->raw.name) + 32];

	snprintf(text, sizeof(text), "%s ops=%llu", row->raw.name,
		 (unsigned long long)row->ops);
	CALLGRIND_DUMP_STATS_AT(text);
}

/* The workload's last word; may fail like all before. */
static int conclude(struct bench_row *row)
{
	int err = first_error(row);

	if (err || !row->workload->report)
		return err;
	row->workload->report(&row->run);
	return first_error(row);
}

static const char *what_failed(const struct bench_row *row)
{
	if (row->place_error)
		return "pinning a thread to a CPU of its own";
	return row->setup_error ? "setup" : "allocation";
}

static void finish(struct bench_row *row, struct gb_state *st)
{
	int err = conclude(row);
	char text[96];

	if (!err) {
		report(row, st);
		dump_instructions(row);
	} else {
		snprintf(text, sizeof(text), "%s failed: %s", what_failed(row),
			 strerror(-err));
		gb_error(st, text);
	}
	row->workload->teardown(&row->run);
}

/* Without a CPU of its own a thread takes no part but in meeting the others. */
static bool take_place(struct bench_row *row, unsigned int index)
{
	int err = topology_pin(index), cpu = shim_cpu_up();

	if (cpu < 0)
		err = cpu;
	if (err)
		WRITE_ONCE(row->place_error, err);
	return cpu >= 0;
}

/* Called by Google Benchmark on each thread of the run, CPU 0 being the main thread. */
static void run_row(struct gb_state *st, void *arg)
{
	struct bench_row *row = arg;
	unsigned int index = gb_thread_index(st);
	struct wl_cpu *cpu = &row->run.cpus[index];
	struct member *me = &row->member[index];

	bool up = take_place(row, index);

	if (index == 0)
		set_up(row, st);
	team_meet(&row->team);
	if (!row->place_error && !row->setup_error) {
		me->st = st;
		counters_open(&me->counters);
		member_works(row, cpu, me);
		counters_close(&me->counters);
	}
	team_meet(&row->team);
	if (index == 0)
		finish(row, st);
	else if (up)
		shim_cpu_down();
}

int engine_register(const struct wl_variant *variant, const struct workload *workload,
		    const struct wl_row *wl_row, int threads)
{
	struct bench_row *row = calloc(1, sizeof(*row));
	char name[WL_NAME_LEN];
	struct gb_bench *bench;

	if (!row)
		return -ENOMEM;
	row->workload = workload;
	row->run = (struct wl_run){
		.row = wl_row, .threads = threads, .seed = engine_seed,
		.dev = device, .env = row,
	};
	row->run.cpus = aligned_alloc(SMP_CACHE_BYTES, threads * sizeof(*row->run.cpus));
	row->member = aligned_alloc(2 * CACHE_LINE, threads * sizeof(*row->member));
	row->table = aligned_alloc(2 * CACHE_LINE,
				   (threads + 1) / 2 * sizeof(*row->table));
	*last_row = row;
	last_row = &row->next;
	if (!row->run.cpus || !row->member || !row->table ||
	    team_init(&row->team, threads))
		return -ENOMEM;
	memset(row->table, 0, (threads + 1) / 2 * sizeof(*row->table));

	variant->row_name(name, sizeof(name), workload->family, variant->name, wl_row);
	bench = gb_register(name, run_row, row);
	if (!bench)
		return -ENOMEM;
	gb_bench_threads(bench, threads);
	snprintf(row->raw.name, sizeof(row->raw.name), "%s/threads:%d", name, threads);
	row->raw.op = wl_row->op == WL_ALLOC ? "alloc" : "free";
	return 0;
}

int engine_write_raw(const char *path)
{
	struct raw_file *file = raw_file_create();

	if (!file)
		return -ENOMEM;
	for (struct bench_row *row = rows; row; row = row->next)
		raw_file_add(file, &row->raw);
	return raw_file_write(file, path);
}
