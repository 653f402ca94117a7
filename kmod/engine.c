// SPDX-License-Identifier: GPL-2.0-only
/* Runs one row; see engine.h.  The same steps as bench/engine.c, without its library. */
#include <linux/kthread.h>
#include <linux/math64.h>
#include <linux/platform_device.h>
#include <linux/sched.h>
#include <linux/topology.h>

#include "clock.h"
#include "cpus.h"
#include "engine.h"
#include "row.h"

/* Operations before the clock starts, and no less than a quantum. */
#define WARM_UP_OPS	20000
#define MAX_OPS		1000000000ULL
/* Of which the median is taken. */
#define MAX_BATCHES	4096

static void say_stop(struct bench_row *row)
{
	WRITE_ONCE(row->run.stop, 1);
}

static u64 whole_quanta(struct bench_row *row, u64 ops)
{
	u64 quantum = quantum_of(row);

	return div64_u64(ops + quantum - 1, quantum) * quantum;
}

static void do_batch(struct bench_row *row, struct member *me, u64 ops)
{
	member_mask(me);
	row->workload->work(me->cpu, ops);
	member_unmask(me);
	cond_resched();
}

/* Of so many batches that there is no room for all, every second, fourth and so on. */
static void keep_batch(struct bench_row *row, u64 took)
{
	unsigned int i;

	if (row->batches_done++ % row->batch_stride)
		return;
	if (row->nr_batches == MAX_BATCHES) {
		for (i = 0; i < MAX_BATCHES / 2; i++)
			row->batch[i] = row->batch[2 * i];
		row->nr_batches /= 2;
		row->batch_stride *= 2;
	}
	row->batch[row->nr_batches++] = took;
}

/* The masking, and other tasks' turns, are outside of what is timed. */
static void time_batch(struct bench_row *row, struct member *me, u64 ops)
{
	u64 paused = me->paused, start, took;

	member_mask(me);
	start = wl_clock();
	row->workload->work(me->cpu, ops);
	took = wl_clock() - start - (me->paused - paused);
	member_unmask(me);
	me->worked += took;
	if (row->batch)
		keep_batch(row, took);
	cond_resched();
}

/* A CPU that waits for another inside of a batch sees only run->stop: set it. */
static bool is_over(struct bench_row *row)
{
	if (READ_ONCE(*row->aborted))
		say_stop(row);
	return READ_ONCE(row->run.stop);
}

/* Neighbours 2i and 2i + 1 play; an odd one out has no figure. */
static void play_pingpong(struct bench_row *row, struct member *me)
{
	unsigned int index = me->cpu->index;

	if ((index ^ 1) < row->run.threads)
		me->pingpong_ps += pingpong_play(&row->table[index / 2],
						 !(index & 1), &cpus_gone) / 2;
}

static void warm_up(struct bench_row *row, struct member *me)
{
	me->cpu->times = me->cpu->aside;
	/* Counted instructions are the same warm or cold, and a long quantum is slow. */
	if (quantum_of(row) <= WARM_UP_OPS || !row->settings->icount)
		do_batch(row, me, whole_quanta(row, WARM_UP_OPS));
}

/* The others still wait for a CPU that gave up: tell them. */
static void check_error(struct bench_row *row, struct member *me)
{
	if (me->cpu->error)
		say_stop(row);
}

/* Off the line, and on until all are seen at work: a CPU may leave late. */
static void get_under_way(struct bench_row *row, struct member *me)
{
	u64 quantum = quantum_of(row);

	team_start_line(&row->team, &cpus_gone);
	if (row->run.threads == 1 || me->cpu->error)
		return;
	do_batch(row, me, quantum);
	team_under_way(&row->team);
	while (!team_all_under_way(&row->team) && !me->cpu->error && !is_over(row))
		do_batch(row, me, quantum);
}

static void do_share(struct bench_row *row, struct member *me)
{
	u64 quantum = quantum_of(row), done;

	for (done = 0; done < row->ops; done += quantum) {
		if (me->cpu->error || is_over(row))
			return;
		time_batch(row, me, quantum);
	}
}

static void timed_part(struct bench_row *row, struct member *me)
{
	get_under_way(row, me);
	me->switches = current->nvcsw + current->nivcsw;
	me->cpu->times = me->cpu->steady;
	me->clock_runs = true;
	me->start = wl_clock();
	do_share(row, me);
	me->end = wl_clock();
	me->clock_runs = false;
	me->switches = current->nvcsw + current->nivcsw - me->switches;
	me->cpu->times = me->cpu->aside;
}

/* Works on until all are done, so that the last one, too, was measured in company. */
static void cool_down(struct bench_row *row, struct member *me)
{
	if (team_done(&row->team))
		say_stop(row);
	while (!is_over(row) && !me->cpu->error)
		do_batch(row, me, quantum_of(row));
}

static void member_works(struct bench_row *row, struct member *me)
{
	play_pingpong(row, me);
	warm_up(row, me);
	check_error(row, me);
	timed_part(row, me);
	check_error(row, me);
	if (row->run.threads > 1)
		cool_down(row, me);
	check_error(row, me);
	play_pingpong(row, me);
}

static int first_error(const struct bench_row *row)
{
	unsigned int i;

	for (i = 0; i < row->run.threads; i++)
		if (row->run.cpus[i].error)
			return row->run.cpus[i].error;
	return 0;
}

static void reset_run(struct bench_row *row)
{
	struct wl_run *run = &row->run;
	unsigned int i;

	memset(run->cpus, 0, run->threads * sizeof(*run->cpus));
	for (i = 0; i < run->threads; i++) {
		struct member *me = &row->member[i];

		run->cpus[i].run = run;
		run->cpus[i].index = i;
		run->cpus[i].rng = rng_seed(run->seed + i);
		me->paused = 0;
		me->worked = 0;
		me->pingpong_ps = 0;
	}
	row->nr_batches = 0;
	row->batches_done = 0;
	row->batch_stride = 1;
	run->have = 0;
	run->label[0] = '\0';
	cpus_watch(&run->stop);
}

static void set_up(struct bench_row *row)
{
	reset_run(row);
	result_clear(row->result);
	row->ops = whole_quanta(row, row->ops);
	row->error = row->workload->setup(&row->run);
	if (row->error)
		row->why = "set-up failed";
}

static u64 min_time_us(const struct settings *settings)
{
	if (settings->min_time_ms)
		return settings->min_time_ms * 1000ULL;
	return strcmp(settings->profile, "full") ? 15000 : 500000;
}

/* Of a try.  Where instructions are counted the ticks between batches must not matter. */
static u64 took_us(struct bench_row *row)
{
	u64 ps = 0;

	if (row->settings->icount)
		ps = typical_batch_ps(row) * div64_u64(row->ops, quantum_of(row));
	return div_u64(ps ?: worked_ps(&row->member[0]), 1000000);
}

/* How many operations to try next, by Google Benchmark's rule; 0 if it was enough. */
static u64 next_ops(struct bench_row *row)
{
	u64 took = took_us(row);
	u64 want = min_time_us(row->settings), next;

	if (took >= want || row->ops >= MAX_OPS)
		return 0;
	if (took > want / 10)
		next = div64_u64(row->ops * want * 14 / 10, took);
	else
		next = row->ops * 10;
	return clamp(next, row->ops + 1, MAX_OPS);
}

static void check_members(struct bench_row *row)
{
	if (row->error)
		return;
	row->error = first_error(row);
	row->why = "allocation failed";
	if (!row->error && READ_ONCE(cpus_gone)) {
		row->error = -ENODEV;
		row->why = "a CPU went offline";
	}
}

/* After a try: whether there is to be another. */
static bool finish(struct bench_row *row)
{
	u64 next = 0;

	check_members(row);
	if (!row->error && READ_ONCE(*row->aborted))
		row->error = -EINTR;
	if (!row->error)
		next = next_ops(row);
	if (!row->error && !next && row->workload->report) {
		row->workload->report(&row->run);
		check_members(row);
	}
	if (!row->error && !next) {
		row->error = report_row(row);
		row->why = "no memory for the results";
	}
	row->workload->teardown(&row->run);
	row->ops = next;
	return next;
}

/* Until the row is measured; the first member also sets it up and reports. */
static void take_part(struct bench_row *row, struct member *me)
{
	bool first = me->cpu->index == 0;

	do {
		if (first)
			set_up(row);
		team_meet(&row->team);
		if (!row->error)
			member_works(row, me);
		team_meet(&row->team);
		if (first)
			row->again = finish(row);
		team_meet(&row->team);
	} while (row->again);
}

static int member_thread(void *arg)
{
	struct member *me = arg;
	struct bench_row *row = me->row;

	take_part(row, me);
	if (me == &row->member[0]) {
		WRITE_ONCE(row->finished, true);
		wake_up(&row->wait);
	}
	set_current_state(TASK_IDLE);
	while (!kthread_should_stop()) {
		schedule();
		set_current_state(TASK_IDLE);
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

static void stop_threads(struct bench_row *row)
{
	unsigned int i;

	for (i = 0; i < row->run.threads && row->member[i].task; i++)
		kthread_stop(row->member[i].task);
}

/* All or none: a thread that was never woken is stopped without having run. */
static int create_threads(struct bench_row *row)
{
	unsigned int i;

	for (i = 0; i < row->run.threads; i++) {
		struct member *me = &row->member[i];
		struct task_struct *task;

		me->row = row;
		me->cpu = &row->run.cpus[i];
		me->cpu->index = i;
		me->os_cpu = cpus_nth(i);
		task = kthread_create_on_node(member_thread, me,
					      cpu_to_node(me->os_cpu),
					      "dmapool_bench/%u", i);
		if (IS_ERR(task)) {
			row->why = "a thread cannot be created";
			return PTR_ERR(task);
		}
		kthread_bind(task, me->os_cpu);
		me->task = task;
	}
	return 0;
}

static int run_threads(struct bench_row *row)
{
	int err = create_threads(row);
	unsigned int i;

	if (!err) {
		for (i = 0; i < row->run.threads; i++)
			wake_up_process(row->member[i].task);
		wait_event_idle(row->wait, READ_ONCE(row->finished));
		cpus_watch(NULL);
		err = row->error;
	}
	stop_threads(row);
	return err;
}

static int allocate(struct bench_row *row)
{
	unsigned int threads = row->run.threads;
	const struct settings *settings = row->settings;

	row->run.cpus = kvcalloc(threads, sizeof(*row->run.cpus), GFP_KERNEL);
	row->member = kvcalloc(threads, sizeof(*row->member), GFP_KERNEL);
	row->table = kvcalloc(DIV_ROUND_UP(threads, 2), sizeof(*row->table), GFP_KERNEL);
	if (!row->run.cpus || !row->member || !row->table)
		return -ENOMEM;
	if (threads > 1 || !(settings->irqs_off || settings->icount))
		return 0;
	row->batch = kvcalloc(MAX_BATCHES, sizeof(*row->batch), GFP_KERNEL);
	return row->batch ? 0 : -ENOMEM;
}

static void release(struct bench_row *row)
{
	kvfree(row->batch);
	kvfree(row->table);
	kvfree(row->member);
	kvfree(row->run.cpus);
}

/* Where locks sleep, masked interrupts would be on again after the first of them. */
static bool may_mask(struct bench_row *row)
{
	if (row->planned->variant->needs_irqs || IS_ENABLED(CONFIG_PREEMPT_RT))
		return false;
	return row->settings->icount ||
	       (row->settings->irqs_off && !row->workload->sleeps &&
		quantum_of(row) <= MASKED_OPS);
}

int engine_run(const struct planned *planned, const struct settings *settings,
	       struct result *result, const bool *stop, const char **why)
{
	const struct bench_variant *variant = planned->variant;
	struct bench_row row = {
		.planned = planned, .workload = planned->workload,
		.settings = settings, .result = result, .aborted = stop,
		.why = "no memory", .ops = 1,
		.run = {
			.row = planned->row, .threads = planned->threads,
			.seed = settings->seed, .dev = &variant->pdev->dev,
		},
	};
	int err;

	row.run.env = &row;
	row.run.masked = may_mask(&row);
	team_init(&row.team, planned->threads);
	init_waitqueue_head(&row.wait);
	if (planned->threads > cpus_nr()) {
		row.why = "a CPU went offline";
		err = -ENODEV;
	} else {
		err = allocate(&row);
	}
	if (!err)
		err = run_threads(&row);
	release(&row);
	*why = row.why;
	return err;
}
