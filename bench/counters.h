/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the CPU and the kernel count while a thread runs: cycles, instructions,
 * cache misses, context switches, page faults, CPU migrations. A counter that
 * this machine does not give is left out, never zero; and so is one that others
 * wanted too while it counted, since the kernel gives each a part of the time.
 */
#ifndef BENCH_COUNTERS_H
#define BENCH_COUNTERS_H

#include <stdbool.h>

#define COUNTER_EVENTS	6

struct counter_event {
	const char *name;	/* as perf calls it: "cache-misses" */
	const char *row_name;	/* key in a result row: "cache_misses_per_op" */
	bool per_op;		/* divide by the operations for the row */
};

/* Every array of values below has this order. */
extern const struct counter_event counter_events[COUNTER_EVENTS];

struct counter_value {
	double value;
	bool valid;	/* false: not counted all the time, value means nothing */
};

/* The counters of one thread. Its fields are counters.c's own. */
struct counters {
	int fd[COUNTER_EVENTS];
};

/*
 * Finds out which events can be counted, once, before any other call. Falls back
 * to user mode only where the kernel's part is forbidden. Cannot fail: the worst
 * outcome is that nothing is counted, and counters_note() says why.
 */
void counters_init(void);

/*
 * One line on what is left out or counted in user mode only, and why; NULL if
 * everything is counted. Valid until the program ends.
 */
const char *counters_note(void);

/*
 * Opens the calling thread's counters, stopped and at zero. Takes some 10 us and
 * up to COUNTER_EVENTS file descriptors; an event that cannot be opened now is
 * not valid when read.
 */
void counters_open(struct counters *c);

/*
 * Count from here; count up to here. Two system calls each, and what these
 * execute of the kernel is counted too: keep many operations between them. What
 * is counted adds up over several pairs of start and stop.
 */
void counters_start(const struct counters *c);
void counters_stop(const struct counters *c);

/* The counts so far. Any thread may read the counters of another, stopped one. */
void counters_read(const struct counters *c,
		   struct counter_value values[COUNTER_EVENTS]);

/*
 * Adds one thread's values to sum, which starts as a copy of another thread's.
 * The sum is valid where both are: a part of the threads would be too little.
 */
void counters_add(struct counter_value sum[COUNTER_EVENTS],
		  const struct counter_value values[COUNTER_EVENTS]);

void counters_close(struct counters *c);

#endif
