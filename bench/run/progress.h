/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tells on stderr how far the run is and how long it will last: one line redrawn on a
 * terminal, a plain line every ten seconds elsewhere.
 */
#ifndef RUN_PROGRESS_H
#define RUN_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "plan.h"

struct pace;

struct progress {
	const struct plan *plan;
	struct pace *paces;	/* one a cell: how long its launches take */
	size_t done, total;	/* launches */
	size_t cell;		/* the launch under way */
	unsigned int round;
	double started, launched;	/* CLOCK_MONOTONIC, seconds */
	double next_line;	/* when the next plain line is due */
	bool terminal;
};

void progress_begin(struct progress *progress, const struct plan *plan);

/* A launch of cell @cell begins. */
void progress_launch(struct progress *progress, size_t cell, unsigned int round);

/* Call it every second or so: draws what is due. */
void progress_tick(struct progress *progress);

/**
 * progress_done() - one launch of a cell less to come
 * @seconds:	how long it took if it may serve to estimate the others, else 0
 */
void progress_done(struct progress *progress, size_t cell, double seconds);

/* Clears the line and frees; the numbers in @progress stay readable. */
void progress_end(struct progress *progress);

#endif
