/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The threads of one row, meeting: a barrier that sleeps, for the slow parts, a start
 * line that spins, from which all leave within a cache line's transfer, and the cache
 * line's transfer itself.
 */
#ifndef KMOD_TEAM_H
#define KMOD_TEAM_H

#include <linux/atomic.h>
#include <linux/sched.h>
#include <linux/wait.h>

/*
 * For each turn of a loop that spins for another thread: that may have come to this
 * CPU, because its own went away.
 */
static inline void team_relax(unsigned int *turns)
{
	cpu_relax();
	if (++*turns % 1024 == 0)
		cond_resched();
}

struct team {
	unsigned int threads;
	wait_queue_head_t wait;
	unsigned int round;		/* of meetings */
	atomic_t here;
	atomic_t at_line;
	atomic_t under_way;
	atomic_t done;
};

void team_init(struct team *team, unsigned int threads);

/* All meet here; also zeroes the counts for the next run.  Sleeps. */
void team_meet(struct team *team);

/* Returns when all have arrived, or *gone is true. */
void team_start_line(struct team *team, const bool *gone);

/* Counts one as under way. */
void team_under_way(struct team *team);

/* Whether all are. */
bool team_all_under_way(struct team *team);

/* Counts one as done; true for the last one. */
bool team_done(struct team *team);

/* Two threads' meeting place: zero at first, used any number of times. */
struct pingpong {
	unsigned int ball;
} ____cacheline_aligned;

/*
 * Both threads call it with the same table, one of them as server.  Returns the
 * picoseconds a ball, one cache line, takes from one to the other; nothing of use when
 * *gone is true.
 */
u64 pingpong_play(struct pingpong *table, bool server, const bool *gone);

#endif
