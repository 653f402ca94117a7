// SPDX-License-Identifier: GPL-2.0-only
/* Checks the names that were asked for and lists the rows they make. */
#include <linux/cpumask.h>
#include <linux/string.h>

#include "plan.h"

static const char *skip_blanks(const char *list)
{
	return list + strspn(list, " ,\t\n");
}

static size_t word_len(const char *word)
{
	return strcspn(word, " ,\t\n");
}

#define for_each_word(word, list)					\
	for ((word) = skip_blanks(list); *(word);			\
	     (word) = skip_blanks((word) + word_len(word)))

static bool word_is(const char *word, const char *name)
{
	size_t len = word_len(word);

	return strlen(name) == len && !memcmp(word, name, len);
}

/* Whether name is one of the words; an empty list has them all. */
static bool listed(const char *list, const char *name)
{
	const char *word;

	for_each_word(word, list)
		if (word_is(word, name))
			return true;
	return !*skip_blanks(list);
}

/* Whether some word is a part of name; an empty filter lets all pass. */
static bool passes(const char *filter, const char *name)
{
	char part[SETTING_LEN];
	const char *word;

	for_each_word(word, filter) {
		strscpy(part, word, min(word_len(word) + 1, sizeof(part)));
		if (strstr(name, part))
			return true;
	}
	return !*skip_blanks(filter);
}

/* Every word of list must be among the names; what says what they are names of. */
static int check_words(const char *list, const char *names, const char *what)
{
	const char *word;

	for_each_word(word, list) {
		char wanted[SETTING_LEN];

		strscpy(wanted, word, min(word_len(word) + 1, sizeof(wanted)));
		if (listed(names, wanted))
			continue;
		pr_err("no %s '%s': there are %s\n", what, wanted, names);
		return -EINVAL;
	}
	return 0;
}

/* One alone: of both, or none, the rows would be of one and their times of the other. */
static int check_profile(const char *profile)
{
	if (!strcmp(profile, "quick") || !strcmp(profile, "full"))
		return 0;
	pr_err("no profile '%s': there are quick full\n", profile);
	return -EINVAL;
}

static int check_names(const struct list_head *variants, const struct settings *settings)
{
	const struct workload *const *family;
	struct bench_variant *variant;
	char names[SETTING_LEN] = "";
	int err;

	list_for_each_entry(variant, variants, list)
		scnprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s",
			  *names ? " " : "", variant->offers->name);
	err = check_words(settings->variants, *names ? names : "none", "variant");
	if (err || list_empty(variants))
		return err;

	*names = '\0';
	variant = list_first_entry(variants, struct bench_variant, list);
	for (family = variant->offers->families; *family; family++)
		scnprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s",
			  *names ? " " : "", (*family)->family);
	err = check_words(settings->workloads, names, "workload");
	return err ? err : check_profile(settings->profile);
}

static int add(struct list_head *plan, const struct planned *row,
	       const struct settings *settings)
{
	struct planned *item = kmemdup(row, sizeof(*row), GFP_KERNEL);
	size_t len;

	if (!item)
		return -ENOMEM;
	row->variant->offers->row_name(item->name, WL_NAME_LEN, row->workload->family,
				       row->variant->offers->name, row->row);
	len = strlen(item->name);
	scnprintf(item->name + len, sizeof(item->name) - len, "/threads:%u",
		  row->threads);
	if (passes(settings->filter, item->name))
		list_add_tail(&item->list, plan);
	else
		kfree(item);
	return 0;
}

/* 1, 2, 4 ... and all CPUs there are, in steps of the CPUs an operation takes. */
static int add_threads(struct list_head *plan, struct planned *row,
		       const struct settings *settings)
{
	unsigned int step = max(row->workload->cpus_per_op, 1u);
	unsigned int cpus = num_online_cpus(), most;
	int err = 0;

	if (settings->max_threads)
		cpus = min(cpus, settings->max_threads);
	most = row->row->many || step > cpus ? cpus / step * step : step;
	for (row->threads = step; row->threads < most && !err; row->threads *= 2) {
		err = add(plan, row, settings);
		row->instance_index++;
	}
	row->threads = most;
	if (!err && most)
		err = add(plan, row, settings);
	row->instance_index++;
	return err;
}

static int add_family(struct list_head *plan, struct planned *row,
		      const struct settings *settings)
{
	const struct workload *workload = row->workload;
	bool full = !strcmp(settings->profile, "full");
	unsigned int i;
	int err = 0;

	row->instance_index = 0;
	for (i = 0; i < workload->nr_rows && !err; i++) {
		row->row = &workload->rows[i];
		if (full || !row->row->full)
			err = add_threads(plan, row, settings);
	}
	row->family_index++;
	return err;
}

int plan_make(struct list_head *plan, const struct list_head *variants,
	      const struct settings *settings)
{
	const struct workload *const *family;
	struct planned row = { };
	int err = check_names(variants, settings);

	list_for_each_entry(row.variant, variants, list) {
		if (!listed(settings->variants, row.variant->offers->name))
			continue;
		for (family = row.variant->offers->families; *family && !err; family++) {
			row.workload = *family;
			if (listed(settings->workloads, row.workload->family))
				err = add_family(plan, &row, settings);
		}
	}
	if (!err && list_empty(plan)) {
		pr_err("no row to run: load a variant, or look at filter '%s' and rows\n",
		       settings->filter);
		err = -ENOENT;
	}
	if (err)
		plan_free(plan);
	return err;
}

void plan_free(struct list_head *plan)
{
	struct planned *row, *next;

	list_for_each_entry_safe(row, next, plan, list)
		kfree(row);
	INIT_LIST_HEAD(plan);
}
