// SPDX-License-Identifier: GPL-2.0-only
/* The environment that workload.h asks for, all but the clock; and masked interrupts. */
#include <linux/device.h>
#include <linux/export.h>
#include <linux/kernfs.h>
#include <linux/sched.h>

#include "row.h"

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

void member_mask(struct member *me)
{
	if (!me->row->run.masked)
		return;
	local_irq_save(me->irq_flags);
	me->masked = true;
}

void member_unmask(struct member *me)
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
	member_unmask(me);
}
EXPORT_SYMBOL_GPL(wl_env_pause);

void wl_env_resume(struct wl_cpu *cpu)
{
	struct member *me = member_of(cpu);

	member_mask(me);
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
	member_unmask(me);
	cond_resched();
	member_mask(me);
}
EXPORT_SYMBOL_GPL(wl_env_relax);
