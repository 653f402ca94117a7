/* SPDX-License-Identifier: GPL-2.0-only */
/* Which CPUs a run uses, in which order, and whether one of them went away. */
#ifndef KMOD_CPUS_H
#define KMOD_CPUS_H

#include <linux/types.h>

/* With the module; sleep.  -errno. */
int cpus_init(void);
void cpus_exit(void);

/*
 * Once a run: takes those that are online, first one of each core, then the cores'
 * other threads, and forgets what went away before.  Sleeps.  -ENOMEM.
 */
int cpus_begin(void);
void cpus_end(void);

/* How many there are, and the kernel's number of each, in between. */
unsigned int cpus_nr(void);
unsigned int cpus_nth(unsigned int i);

/*
 * Sets *stop to whether a CPU went away in this run, and to 1 as soon as one does;
 * NULL ends that.  One at a time.
 */
void cpus_watch(int *stop);

/* A CPU went away: threads may share one, so none may spin for another. */
extern bool cpus_gone;

#endif
