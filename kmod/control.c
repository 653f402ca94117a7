// SPDX-License-Identifier: GPL-2.0-only
/* One run at a time, on a work of its own; see control.h. */
#include <linux/dma-mapping.h>
#include <linux/export.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/seq_file.h>
#include <linux/workqueue.h>

#include "clock.h"
#include "control.h"
#include "cpus.h"
#include "engine.h"
#include "facts.h"
#include "plan.h"

enum state { IDLE, RUNNING, DONE, STOPPED, FAILED };

static const char *const state_names[] = {
	[IDLE] = "idle", [RUNNING] = "running", [DONE] = "done", [STOPPED] = "stopped",
	[FAILED] = "failed",
};

static LIST_HEAD(variants);
static DEFINE_MUTEX(control_lock);	/* of variants; starts and stops one at a time */

/* The run.  The plan is the work's while it is pending or runs. */
static struct workqueue_struct *queue;
static LIST_HEAD(plan);
static struct settings current_settings;
static bool stop;
static DECLARE_WAIT_QUEUE_HEAD(ended);

static DEFINE_MUTEX(progress_lock);
static struct {
	enum state state;
	unsigned int done, total;
	const char *row;		/* of the plan, while it runs */
	char why[ROW_NAME_LEN + 80];
	int error;
	ktime_t start, end;
} progress;

static void begin_progress(void)
{
	struct planned *row;

	mutex_lock(&progress_lock);
	memset(&progress, 0, sizeof(progress));
	list_for_each_entry(row, &plan, list)
		progress.total++;
	progress.start = ktime_get();
	progress.state = RUNNING;
	mutex_unlock(&progress_lock);
}

static void next_row(const struct planned *row)
{
	mutex_lock(&progress_lock);
	progress.row = row->name;
	mutex_unlock(&progress_lock);
}

/* A row has one of the two, or none. */
static void describe(const struct result *result, char *text, size_t len)
{
	enum counter shown = result->have & BIT(NS_PER_OP) ? NS_PER_OP :
							     INSTRUCTIONS_PER_OP;
	u64 value = div_u64(result->value[shown], MICRO / 100);

	if (result->have & BIT(shown))
		scnprintf(text, len, "%llu.%02llu %s", value / 100, value % 100,
			  shown == NS_PER_OP ? "ns" : "instructions");
	else
		strscpy(text, "no figure: its CPUs were not at work together", len);
}

static void row_done(const struct result *result)
{
	char text[64];

	mutex_lock(&progress_lock);
	progress.done++;
	mutex_unlock(&progress_lock);
	describe(result, text, sizeof(text));
	pr_info("%u/%u %s: %s\n", progress.done, progress.total, result->name, text);
}

static void end_progress(int err, const char *name, const char *why)
{
	mutex_lock(&progress_lock);
	progress.row = NULL;
	progress.error = err;
	progress.end = ktime_get();
	progress.state = !err ? DONE : err == -EINTR ? STOPPED : FAILED;
	if (progress.state == FAILED)
		scnprintf(progress.why, sizeof(progress.why), "%s: %s: %pe", name, why,
			  ERR_PTR(err));
	mutex_unlock(&progress_lock);
	if (progress.state == FAILED)
		pr_err("%s; the run ends here\n", progress.why);
	else
		pr_info("%s after %u of %u rows\n", state_names[progress.state],
			progress.done, progress.total);
	wake_up_all(&ended);
}

static int run_row(const struct planned *row, const char **why)
{
	struct result *result = result_create(row);
	int err;

	*why = "no memory";
	if (!result)
		return -ENOMEM;
	next_row(row);
	err = engine_run(row, &current_settings, result, &stop, why);
	if (err) {
		result_free(result);
		return err;
	}
	row_done(result);
	results_add(result);
	return 0;
}

static void run_plan(struct work_struct *work)
{
	const char *why = "no memory", *name = "start";
	struct planned *row;
	int err = cpus_begin();

	list_for_each_entry(row, &plan, list) {
		if (err)
			break;
		name = row->name;
		err = READ_ONCE(stop) ? -EINTR : run_row(row, &why);
	}
	cpus_end();
	end_progress(err, name, why);
}

static DECLARE_WORK(run_work, run_plan);

bool control_running(void)
{
	return READ_ONCE(progress.state) == RUNNING;
}

static int start_locked(const struct settings *settings)
{
	int err;

	if (control_running())
		return -EBUSY;
	flush_work(&run_work);
	plan_free(&plan);
	err = plan_make(&plan, &variants, settings);
	if (err)
		return err;
	err = clock_calibrate(settings->icount);
	if (err) {
		plan_free(&plan);
		return err;
	}
	results_clear();
	current_settings = *settings;
	facts_note(settings, &variants);
	WRITE_ONCE(stop, false);
	begin_progress();
	pr_info("running %u rows: profile=%s seed=%llu min_time_ms=%u\n", progress.total,
		settings->profile, settings->seed, settings->min_time_ms);
	pr_info("max_threads=%u irqs_off=%d icount=%d\n", settings->max_threads,
		settings->irqs_off, settings->icount);
	queue_work(queue, &run_work);
	return 0;
}

int control_start(const struct settings *settings)
{
	int err;

	mutex_lock(&control_lock);
	err = start_locked(settings);
	mutex_unlock(&control_lock);
	/* Names that are not there the plan has told of. */
	if (err && err != -EINVAL && err != -ENOENT)
		pr_err("no run was started: %pe\n", ERR_PTR(err));
	return err;
}

static void stop_locked(void)
{
	WRITE_ONCE(stop, true);
	flush_work(&run_work);
}

void control_stop(void)
{
	mutex_lock(&control_lock);
	stop_locked();
	mutex_unlock(&control_lock);
}

int control_wait(void)
{
	int err = wait_event_interruptible(ended, !control_running());

	return err ? err : progress.error;
}

void control_show_progress(struct seq_file *seq)
{
	u64 ms;

	mutex_lock(&progress_lock);
	ms = ktime_ms_delta(progress.state == RUNNING ? ktime_get() : progress.end,
			    progress.start);
	seq_puts(seq, state_names[progress.state]);
	if (progress.state == RUNNING)
		seq_printf(seq, " %u of %u: %s", progress.done + 1, progress.total,
			   progress.row ? progress.row : "starting");
	else if (progress.state != IDLE)
		seq_printf(seq, " after %u of %u", progress.done, progress.total);
	if (progress.state == FAILED)
		seq_printf(seq, ": %s", progress.why);
	else if (progress.state != IDLE)
		seq_printf(seq, ", %llu.%llu s", ms / 1000, ms % 1000 / 100);
	seq_putc(seq, '\n');
	mutex_unlock(&progress_lock);
}

int control_show_rows(struct seq_file *seq, const struct settings *settings)
{
	struct planned *row;
	LIST_HEAD(rows);
	int err;

	mutex_lock(&control_lock);
	err = plan_make(&rows, &variants, settings);
	list_for_each_entry(row, &rows, list)
		seq_printf(seq, "%s\n", row->name);
	plan_free(&rows);
	mutex_unlock(&control_lock);
	return err;
}

/* Pools of different kinds must not meet in one device's list, nor in one pools file. */
static int add_device(struct bench_variant *variant)
{
	char name[64];
	int err;

	scnprintf(name, sizeof(name), "dmapool-%s", variant->offers->name);
	variant->pdev = platform_device_register_simple(name, PLATFORM_DEVID_NONE, NULL,
							0);
	if (IS_ERR(variant->pdev))
		return PTR_ERR(variant->pdev);
	err = dma_set_mask_and_coherent(&variant->pdev->dev, DMA_BIT_MASK(64));
	if (err)
		platform_device_unregister(variant->pdev);
	return err;
}

int dmapool_bench_register(struct bench_variant *variant)
{
	int err = add_device(variant);

	if (err)
		return err;
	mutex_lock(&control_lock);
	list_add_tail(&variant->list, &variants);
	mutex_unlock(&control_lock);
	return 0;
}
EXPORT_SYMBOL_GPL(dmapool_bench_register);

void dmapool_bench_unregister(struct bench_variant *variant)
{
	mutex_lock(&control_lock);
	stop_locked();
	plan_free(&plan);
	list_del(&variant->list);
	mutex_unlock(&control_lock);
	platform_device_unregister(variant->pdev);
}
EXPORT_SYMBOL_GPL(dmapool_bench_unregister);

int control_init(void)
{
	int err = cpus_init();

	if (err)
		return err;
	queue = alloc_workqueue("dmapool_bench", WQ_UNBOUND, 1);
	if (!queue)
		cpus_exit();
	return queue ? 0 : -ENOMEM;
}

/* No variant is left, so no run is under way. */
void control_exit(void)
{
	destroy_workqueue(queue);
	cpus_exit();
	results_clear();
}
