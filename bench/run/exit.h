/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The exit statuses that the runner shares with the benchmark program and the tools.
 */
#ifndef RUN_EXIT_H
#define RUN_EXIT_H

enum {
	EXIT_FINE = 0,
	EXIT_USAGE = 2,
	EXIT_FAILED = 4,
	EXIT_STOPPED = 130,
};

#endif
