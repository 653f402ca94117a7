/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One run of the benchmark matrix, from the list of rows to the result set.
 */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include <stdint.h>

struct run_options {
	const char *bench;	/* path of the benchmark program */
	const char *profile;
	const char *variants;	/* NULL: all */
	const char *workloads;	/* NULL: all */
	const char *out;	/* where result sets are kept */
	unsigned int launches;	/* of every cell */
	double timeout;		/* seconds for one launch */
	uint64_t seed;
};

/**
 * run() - measure, and write a result set
 *
 * Prints the result set's path to stdout if there is one, everything else to stderr.
 *
 * Return: the exit status.
 */
int run(const struct run_options *options);

#endif
