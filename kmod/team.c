// SPDX-License-Identifier: GPL-2.0-only
/* The start line: everyone counts up and spins until the count is full. */
#include "workload.h"
#include "team.h"

#define ROUNDS	2000

void team_init(struct team *team, unsigned int threads)
{
	memset(team, 0, sizeof(*team));
	team->threads = threads;
	init_waitqueue_head(&team->wait);
}

void team_meet(struct team *team)
{
	unsigned int round = READ_ONCE(team->round);

	if (atomic_inc_return(&team->here) < team->threads) {
		/* Acquire pairs with the last one's release: its zeroes are seen. */
		wait_event_idle(team->wait, smp_load_acquire(&team->round) != round);
		return;
	}
	/* Between two meetings nobody is at the line, so the last one may clear it. */
	atomic_set(&team->here, 0);
	atomic_set(&team->at_line, 0);
	atomic_set(&team->under_way, 0);
	atomic_set(&team->done, 0);
	/* Pairs with the acquire above. */
	smp_store_release(&team->round, round + 1);
	wake_up_all(&team->wait);
}

void team_start_line(struct team *team, const bool *gone)
{
	unsigned int turns = 0;

	atomic_inc(&team->at_line);
	while (atomic_read_acquire(&team->at_line) < team->threads && !READ_ONCE(*gone))
		team_relax(&turns);
}

void team_under_way(struct team *team)
{
	atomic_inc(&team->under_way);
}

bool team_all_under_way(struct team *team)
{
	return atomic_read(&team->under_way) == team->threads;
}

bool team_done(struct team *team)
{
	return atomic_inc_return(&team->done) == team->threads;
}

static void await(struct pingpong *table, unsigned int value, const bool *gone)
{
	unsigned int turns = 0;

	/* Acquire pairs with hit(). */
	while (smp_load_acquire(&table->ball) != value && !READ_ONCE(*gone))
		team_relax(&turns);
}

static void hit(struct pingpong *table, unsigned int value)
{
	/* Pairs with await(). */
	smp_store_release(&table->ball, value);
}

u64 pingpong_play(struct pingpong *table, bool server, const bool *gone)
{
	unsigned int i;
	u64 start = 0;

	/* The first round trip is the two players finding each other. */
	for (i = 0; i <= ROUNDS; i++) {
		if (i == 1)
			start = wl_clock();
		if (server) {
			hit(table, 2 * i + 1);
			await(table, 2 * i + 2, gone);
		} else {
			await(table, 2 * i + 1, gone);
			hit(table, 2 * i + 2);
		}
	}
	return div_u64(wl_env_ps(wl_clock() - start), 2 * ROUNDS);
}
