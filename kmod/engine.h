/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Measures one row: pinned threads, warm, leave a start line together, do their share,
 * and work on until the last has done its own.
 */
#ifndef KMOD_ENGINE_H
#define KMOD_ENGINE_H

#include "plan.h"
#include "results.h"

/*
 * Interrupts are masked for no longer batch than this, unless instructions are counted:
 * other CPUs and the watchdogs would notice.
 */
#define MASKED_OPS	65536

/*
 * Between cpus_begin() and cpus_end(): runs a row until it took the time that is asked
 * for, and fills in the result.  Set *stop to end it early: -EINTR.  Otherwise 0, or
 * -errno and what failed in why.  Sleeps.
 */
int engine_run(const struct planned *planned, const struct settings *settings,
	       struct result *result, const bool *stop, const char **why);

#endif
