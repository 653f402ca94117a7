/* SPDX-License-Identifier: GPL-2.0-only */
/* Which rows a run consists of: variants times workloads, as the settings choose. */
#ifndef KMOD_PLAN_H
#define KMOD_PLAN_H

#include "workload.h"
#include "harness.h"
#include "settings.h"

#define ROW_NAME_LEN	(WL_NAME_LEN + 20)

struct planned {
	struct list_head list;
	struct bench_variant *variant;
	const struct workload *workload;
	const struct wl_row *row;
	unsigned int threads;
	unsigned int family_index, instance_index;	/* as Google Benchmark counts */
	char name[ROW_NAME_LEN];
};

/*
 * Appends the chosen rows to plan.  A name that is not there is -EINVAL and no row at
 * all -ENOENT; the log then has a line that says what there is.  Or -ENOMEM.
 */
int plan_make(struct list_head *plan, const struct list_head *variants,
	      const struct settings *settings);
void plan_free(struct list_head *plan);

#endif
