/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who had the CPUs during the run: this run, or others beside it. A load average would
 * count the run itself, and what ended before it began.
 */
#ifndef RUN_USAGE_H
#define RUN_USAGE_H

#include <stdbool.h>

/* CPU time up to a moment, in seconds; of the CPUs that this process may use. */
struct usage {
	double clock;
	double all;		/* of all programs and of the kernel */
	double own;		/* of this process and of its children that have ended */
	unsigned int cpus;
};

/*
 * root is put before /proc: "", or the folder of a fake tree in a test.  False where
 * nothing is told.
 */
bool usage_read(const char *root, struct usage *usage);

/*
 * A sentence that warns of what others took between two moments, to be freed; NULL if
 * that is little, or the time too short to tell.
 */
char *usage_warning(const struct usage *before, const struct usage *after);

#endif
