/* SPDX-License-Identifier: GPL-2.0-only */
/* Variants that are there, and the run: start it, stop it, ask how it fares. */
#ifndef KMOD_CONTROL_H
#define KMOD_CONTROL_H

#include <linux/types.h>

struct seq_file;
struct settings;

int control_init(void);
void control_exit(void);

/*
 * Starts a run and returns.  -EBUSY while there is one, -EIO without a clock that ticks,
 * else as plan_make().  The log says why.
 */
int control_start(const struct settings *settings);

/* Stops the run, if there is one, and waits for it. */
void control_stop(void);
bool control_running(void);

/* Waits for the run to end: what became of it, or -ERESTARTSYS after a signal. */
int control_wait(void);

/* The contents of progress, in one line. */
void control_show_progress(struct seq_file *seq);

/* The names of the rows that the settings choose. */
int control_show_rows(struct seq_file *seq, const struct settings *settings);

#endif
