/* SPDX-License-Identifier: GPL-2.0-only */
/* What a reader of the results must know of the kernel they were measured in. */
#ifndef KMOD_FACTS_H
#define KMOD_FACTS_H

struct list_head;
struct seq_file;
struct settings;

/* Notes date, settings and variants, when a run starts. */
void facts_note(const struct settings *settings, const struct list_head *variants);

/* The members of the JSON object "context". */
void facts_show(struct seq_file *seq);

/* Says loudly in the log what distorts every figure, if anything does. */
void facts_warn(void);

#endif
