/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The CPUs of one run, meeting: a barrier that sleeps, for the slow parts, and a start
 * line that spins, from which all leave within a cache line's transfer.
 */
#ifndef BENCH_TEAM_H
#define BENCH_TEAM_H

#include <pthread.h>
#include <stdbool.h>

struct team {
	int threads;
	pthread_barrier_t barrier;
	int at_line;
	int under_way;
	int done;
};

int team_init(struct team *team, int threads);

/* All meet here; also zeroes the counts for the next run. */
void team_meet(struct team *team);

/* Returns when all have arrived. */
void team_start_line(struct team *team);

/* Counts one as under way. */
void team_under_way(struct team *team);

/* Whether all are. */
bool team_all_under_way(struct team *team);

/* Counts one as done; true for the last one. */
bool team_done(struct team *team);

#endif
