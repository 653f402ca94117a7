// SPDX-License-Identifier: GPL-2.0-only
/* The harness's module: its parameters, and the files under debugfs. */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>

#include "control.h"
#include "facts.h"
#include "harness.h"
#include "results.h"
#include "settings.h"

static struct settings settings = { .profile = "quick", .seed = 1 };
static DEFINE_MUTEX(settings_lock);	/* of the strings */
static struct dentry *folder;

module_param_string(variants, settings.variants, SETTING_LEN, 0444);
MODULE_PARM_DESC(variants, "Only these pools, by name, separated by blanks (all)");
module_param_string(workloads, settings.workloads, SETTING_LEN, 0444);
MODULE_PARM_DESC(workloads, "Only these families, by name, separated by blanks (all)");
module_param_string(filter, settings.filter, SETTING_LEN, 0444);
MODULE_PARM_DESC(filter, "Only rows whose name holds one of these words (all)");
module_param_string(profile, settings.profile, SETTING_LEN, 0444);
MODULE_PARM_DESC(profile, "quick or full: which rows, and how long each (quick)");
module_param_named(min_time_ms, settings.min_time_ms, uint, 0444);
MODULE_PARM_DESC(min_time_ms, "How long each row is measured (0: as the profile says)");
module_param_named(max_threads, settings.max_threads, uint, 0444);
MODULE_PARM_DESC(max_threads, "No row on more CPUs than this (0: all CPUs)");
module_param_named(seed, settings.seed, ullong, 0444);
MODULE_PARM_DESC(seed, "Seed of all random choices (1)");
module_param_named(irqs_off, settings.irqs_off, bool, 0444);
MODULE_PARM_DESC(irqs_off, "Mask interrupts around each batch (0)");
module_param_named(icount, settings.icount, bool, 0444);
MODULE_PARM_DESC(icount, "The clock counts instructions, as QEMU's -icount does (0)");

int dmapool_bench_run(void)
{
	int err;

	mutex_lock(&settings_lock);
	err = control_start(&settings);
	mutex_unlock(&settings_lock);
	if (err)
		return err;
	err = control_wait();
	if (err == -ERESTARTSYS) {
		control_stop();
		err = -EINTR;
	}
	return err;
}
EXPORT_SYMBOL_GPL(dmapool_bench_run);

/* A string of the settings, as a file. */
static ssize_t setting_read(struct file *file, char __user *buf, size_t len, loff_t *pos)
{
	char text[SETTING_LEN + 1];

	mutex_lock(&settings_lock);
	scnprintf(text, sizeof(text), "%s\n", (char *)file->private_data);
	mutex_unlock(&settings_lock);
	return simple_read_from_buffer(buf, len, pos, text, strlen(text));
}

static ssize_t setting_write(struct file *file, const char __user *buf, size_t len,
			     loff_t *pos)
{
	char text[SETTING_LEN] = "";

	if (len >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, buf, len))
		return -EFAULT;
	mutex_lock(&settings_lock);
	strscpy(file->private_data, strim(text), SETTING_LEN);
	mutex_unlock(&settings_lock);
	return len;
}

static const struct file_operations setting_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.read = setting_read,
	.write = setting_write,
	.llseek = default_llseek,
};

static int run_get(void *unused, u64 *value)
{
	*value = control_running();
	return 0;
}

static int run_set(void *unused, u64 value)
{
	int err = 0;

	if (value > 1)
		return -EINVAL;
	if (!value) {
		control_stop();
		return 0;
	}
	mutex_lock(&settings_lock);
	err = control_start(&settings);
	mutex_unlock(&settings_lock);
	return err;
}
DEFINE_DEBUGFS_ATTRIBUTE(run_fops, run_get, run_set, "%llu\n");

static int progress_show(struct seq_file *seq, void *unused)
{
	control_show_progress(seq);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(progress);

/* The same, when there is no more to come. */
static int wait_show(struct seq_file *seq, void *unused)
{
	if (control_wait() == -ERESTARTSYS)
		return -ERESTARTSYS;
	control_show_progress(seq);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(wait);

static int rows_show(struct seq_file *seq, void *unused)
{
	int err;

	mutex_lock(&settings_lock);
	err = control_show_rows(seq, &settings);
	mutex_unlock(&settings_lock);
	return err;
}
DEFINE_SHOW_ATTRIBUTE(rows);

DEFINE_SHOW_ATTRIBUTE(results);

static int raw_show(struct seq_file *seq, void *unused)
{
	return results_show_raw(seq, unused);
}
DEFINE_SHOW_ATTRIBUTE(raw);

static void make_files(void)
{
	folder = debugfs_create_dir("dmapool_bench", NULL);
	debugfs_create_file("variants", 0600, folder, settings.variants, &setting_fops);
	debugfs_create_file("workloads", 0600, folder, settings.workloads, &setting_fops);
	debugfs_create_file("filter", 0600, folder, settings.filter, &setting_fops);
	debugfs_create_file("profile", 0600, folder, settings.profile, &setting_fops);
	debugfs_create_u32("min_time_ms", 0600, folder, &settings.min_time_ms);
	debugfs_create_u32("max_threads", 0600, folder, &settings.max_threads);
	debugfs_create_u64("seed", 0600, folder, &settings.seed);
	debugfs_create_bool("irqs_off", 0600, folder, &settings.irqs_off);
	debugfs_create_bool("icount", 0600, folder, &settings.icount);
	debugfs_create_file_unsafe("run", 0600, folder, NULL, &run_fops);
	debugfs_create_file("progress", 0400, folder, NULL, &progress_fops);
	debugfs_create_file("wait", 0400, folder, NULL, &wait_fops);
	debugfs_create_file("rows", 0400, folder, NULL, &rows_fops);
	debugfs_create_file("results.json", 0400, folder, NULL, &results_fops);
	debugfs_create_file("raw.json", 0400, folder, NULL, &raw_fops);
}

static int __init bench_init(void)
{
	int err = control_init();

	if (err)
		return err;
	make_files();
	facts_warn();
	return 0;
}
module_init(bench_init);

static void __exit bench_exit(void)
{
	debugfs_remove(folder);
	control_exit();
}
module_exit(bench_exit);

MODULE_DESCRIPTION("dmapool-bench: the harness");
MODULE_LICENSE("GPL");
