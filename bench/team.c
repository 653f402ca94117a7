// SPDX-License-Identifier: GPL-2.0-only
/* The start line: everyone counts up and spins until the count is full. */
#include <ck_pr.h>

#include "team.h"

int team_init(struct team *team, int threads)
{
	team->threads = threads;
	return -pthread_barrier_init(&team->barrier, NULL, threads);
}

void team_meet(struct team *team)
{
	/* Between two meetings nobody is at the line, so anyone may clear it. */
	if (pthread_barrier_wait(&team->barrier) == PTHREAD_BARRIER_SERIAL_THREAD) {
		team->at_line = 0;
		team->under_way = 0;
		team->done = 0;
	}
	pthread_barrier_wait(&team->barrier);
}

void team_start_line(struct team *team)
{
	__atomic_add_fetch(&team->at_line, 1, __ATOMIC_ACQ_REL);
	while (__atomic_load_n(&team->at_line, __ATOMIC_ACQUIRE) < team->threads)
		ck_pr_stall();
}

void team_under_way(struct team *team)
{
	__atomic_add_fetch(&team->under_way, 1, __ATOMIC_ACQ_REL);
}

bool team_all_under_way(struct team *team)
{
	return __atomic_load_n(&team->under_way, __ATOMIC_ACQUIRE) == team->threads;
}

bool team_done(struct team *team)
{
	return __atomic_add_fetch(&team->done, 1, __ATOMIC_ACQ_REL) == team->threads;
}
