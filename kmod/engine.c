// SPDX-License-Identifier: GPL-2.0-only
/* Runs one row; see engine.h.  The same steps as bench/engine.c, without its library. */
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/kernfs.h>
#include <linux/kthread.h>
#include <linux/math64.h>
#include <linux/platform_device.h>
#include <linux/sched.h>
#include <linux/topology.h>

#include "clock.h"
#include "engine.h"
#include "row.h"

/* Operations before the clock starts, for rows whose quantum is not longer. */
#define WARM_UP_OPS	20000
#define MAX_OPS		1000000000ULL
/* Of which the median is taken; a row that does more takes that of the first. */
#define MAX_BATCHES	4096

static unsigned int *cpu_ids, nr_cpu_ids_used;

static DEFINE_SPINLOCK(current_lock);
static struct bench_row *current_row;
static bool cpu_gone;		/* in this run: members may share one, none may spin */
static int hotplug_state;

static void say_stop(struct bench_row *row)
{
	WRITE_ONCE(row->run.stop, 1);
}

/* A member that waits for another on its own CPU must be told from elsewhere. */
static int cpu_goes(unsigned int cpu)
{
	spin_lock(&current_lock);
	WRITE_ONCE(cpu_gone, true);
	if (current_row)
		say_stop(current_row);
	spin_unlock(&current_lock);
	return 0;
}

static void set_current_row(struct bench_row *row)
{
	spin_lock(&current_lock);
	current_row = row;
	spin_unlock(&current_lock);
}

int engine_init(void)
{
	hotplug_state = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN,
						  "dmapool_bench:online", NULL, cpu_goes);
	return min(hotplug_state, 0);
}

void engine_exit(void)
{
	cpuhp_remove_state_nocalls(hotplug_state);
}

static bool is_first_of_core(unsigned int cpu)
{
	return cpumask_first(topology_sibling_cpumask(cpu)) == cpu;
}

int engine_begin(void)
{
	unsigned int cpu;

	cpu_ids = kcalloc(num_possible_cpus(), sizeof(*cpu_ids), GFP_KERNEL);
	if (!cpu_ids)
		return -ENOMEM;
	nr_cpu_ids_used = 0;
	cpus_read_lock();
	WRITE_ONCE(cpu_gone, false);
	for_each_online_cpu(cpu)
		if (is_first_of_core(cpu))
			cpu_ids[nr_cpu_ids_used++] = cpu;
	for_each_online_cpu(cpu)
		if (!is_first_of_core(cpu))
			cpu_ids[nr_cpu_ids_used++] = cpu;
	cpus_read_unlock();
	return 0;
}

void engine_end(void)
{
	kfree(cpu_ids);
	cpu_ids = NULL;
}

/* The environment of workload.h; the clock is in clock.c. */

/* By way of the attribute itself: a path would need sysfs mounted. */
ssize_t wl_env_pools_file(struct device *dev, char *buf)
{
	struct kernfs_node *node = kernfs_find_and_get(dev->kobj.sd, "pools");
	struct device_attribute *attr;
	ssize_t len;

	if (!node)
		return -ENOENT;
	attr = container_of(node->priv, struct device_attribute, attr);
	len = attr->show(dev, attr, buf);
	kernfs_put(node);
	return len;
}
EXPORT_SYMBOL_GPL(wl_env_pools_file);

void wl_env_sample(struct wl_run *run, u64 ops)
{
	struct bench_row *row = run->env;
	int err = result_sample(row->result, ops, run->figure);

	if (err)
		run->cpus[0].error = err;
}
EXPORT_SYMBOL_GPL(wl_env_sample);

static void mask(struct member *me)
{
	if (!me->row->run.masked)
		return;
	local_irq_save(me->irq_flags);
	me->masked = true;
}

static void unmask(struct member *me)
{
	if (!me->masked)
		return;
	me->masked = false;
	local_irq_restore(me->irq_flags);
}

static struct member *member_of(struct wl_cpu *cpu)
{
	struct bench_row *row = cpu->run->env;

	return &row->member[cpu->index];
}

void wl_env_pause(struct wl_cpu *cpu)
{
	struct member *me = member_of(cpu);

	if (me->clock_runs)
		me->paused_at = wl_clock();
	unmask(me);
}
EXPORT_SYMBOL_GPL(wl_env_pause);

void wl_env_resume(struct wl_cpu *cpu)
{
	struct member *me = member_of(cpu);

	mask(me);
	if (me->clock_runs)
		me->paused += wl_clock() - me->paused_at;
}
EXPORT_SYMBOL_GPL(wl_env_resume);

/* As team_relax(), but inside of a batch. */
void wl_env_relax(struct wl_cpu *cpu)
{
	struct member *me = member_of(cpu);

	cpu_relax();
	if (++me->turns % 1024)
		return;
	unmask(me);
	cond_resched();
	mask(me);
}
EXPORT_SYMBOL_GPL(wl_env_relax);

static u64 whole_quanta(struct bench_row *row, u64 ops)
{
	u64 quantum = quantum_of(row);

	return div64_u64(ops + quantum - 1, quantum) * quantum;
}

static void do_batch(struct bench_row *row, struct member *me, u64 ops)
{
	mask(me);
	row->workload->work(me->cpu, ops);
	unmask(me);
	cond_resched();
}

/* The same, and what it took is kept. */
static void time_batch(struct bench_row *row, struct member *me, u64 ops)
{
	u64 paused = me->paused, start;

	mask(me);
	start = wl_clock();
	row->workload->work(me->cpu, ops);
	if (row->nr_batches < MAX_BATCHES)
		row->batch[row->nr_batches++] = wl_clock() - start -
						(me->paused - paused);
	unmask(me);
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
						 !(index & 1), &cpu_gone) / 2;
}

/* Only what is timed in company counts. */
static void forget_latencies(struct wl_cpu *cpu)
{
	if (cpu->steady)
		memset(cpu->steady, 0, sizeof(*cpu->steady));
}

static void warm_up(struct bench_row *row, struct member *me)
{
	if (quantum_of(row) <= WARM_UP_OPS)
		do_batch(row, me, whole_quanta(row, WARM_UP_OPS));
	forget_latencies(me->cpu);
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

	team_start_line(&row->team, &cpu_gone);
	if (row->run.threads == 1 || me->cpu->error)
		return;
	do_batch(row, me, quantum);
	team_under_way(&row->team);
	while (!team_all_under_way(&row->team) && !me->cpu->error && !is_over(row))
		do_batch(row, me, quantum);
	forget_latencies(me->cpu);
}

static void do_share(struct bench_row *row, struct member *me)
{
	u64 quantum = quantum_of(row);

	while (me->done < row->ops && !me->cpu->error && !is_over(row)) {
		if (row->batch)
			time_batch(row, me, quantum);
		else
			do_batch(row, me, quantum);
		WRITE_ONCE(me->done, me->done + quantum);
	}
}

/*
 * The first CPU to have done its share closes the window: until then all were at
 * work.  What the others had done by then is known to a quantum.
 */
static void close_window(struct bench_row *row, struct member *me)
{
	unsigned int i;

	if (atomic_xchg(&row->window_closed, 1))
		return;
	row->window_end = me->end;
	row->window_ops = 0;
	for (i = 0; i < row->run.threads; i++)
		row->window_ops += READ_ONCE(row->member[i].done);
}

static void timed_part(struct bench_row *row, struct member *me)
{
	get_under_way(row, me);
	me->switches = current->nvcsw + current->nivcsw;
	me->clock_runs = true;
	me->start = wl_clock();
	do_share(row, me);
	me->end = wl_clock();
	me->clock_runs = false;
	me->switches = current->nvcsw + current->nivcsw - me->switches;
	close_window(row, me);
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
		me->done = 0;
		me->pingpong_ps = 0;
	}
	atomic_set(&row->window_closed, 0);
	row->nr_batches = 0;
	run->have = 0;
	run->label[0] = '\0';
	spin_lock(&current_lock);
	run->stop = cpu_gone;
	spin_unlock(&current_lock);
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
	if (!row->error && READ_ONCE(cpu_gone)) {
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
		me->os_cpu = cpu_ids[i];
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
		set_current_row(row);
		for (i = 0; i < row->run.threads; i++)
			wake_up_process(row->member[i].task);
		wait_event_idle(row->wait, READ_ONCE(row->finished));
		set_current_row(NULL);
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
	row.run.masked = !variant->needs_irqs &&
			 (settings->icount ||
			  (settings->irqs_off && !planned->workload->sleeps));
	team_init(&row.team, planned->threads);
	init_waitqueue_head(&row.wait);
	if (planned->threads > nr_cpu_ids_used) {
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
