// SPDX-License-Identifier: GPL-2.0-only
/* Tests of how CPUs meet: the start line, who is under way and done, the ping-pong. */
#include "bench/team.h"

#include "bench/clock.h"
#include "bench/pingpong.h"
#include "harness.h"

#define THREADS	3
#define RUNS	20

static struct team team;
static int arrived[RUNS], last[RUNS], early, under_way_early;

static void run_together(int run)
{
	team_meet(&team);
	__atomic_add_fetch(&arrived[run], 1, __ATOMIC_RELAXED);
	team_start_line(&team);
	if (__atomic_load_n(&arrived[run], __ATOMIC_RELAXED) < THREADS)
		__atomic_add_fetch(&early, 1, __ATOMIC_RELAXED);
	if (team_all_under_way(&team))
		__atomic_add_fetch(&under_way_early, 1, __ATOMIC_RELAXED);
	team_under_way(&team);
	while (!team_all_under_way(&team))
		sched_yield();
	if (team_done(&team))
		__atomic_add_fetch(&last[run], 1, __ATOMIC_RELAXED);
	team_meet(&team);
}

static void *member(void *unused)
{
	int run;

	for (run = 0; run < RUNS; run++)
		run_together(run);
	return NULL;
}

static void test_team(void **state)
{
	pthread_t thread[THREADS - 1];
	int i;

	assert_int_equal(team_init(&team, THREADS), 0);
	for (i = 0; i < THREADS - 1; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, member, NULL), 0);
	member(NULL);
	for (i = 0; i < THREADS - 1; i++)
		pthread_join(thread[i], NULL);
	assert_int_equal(early, 0);
	assert_int_equal(under_way_early, 0);
	for (i = 0; i < RUNS; i++)
		assert_int_equal(last[i], 1);
	pthread_barrier_destroy(&team.barrier);
}

#define GAMES	3

static struct pingpong table;

static void *client(void *ns)
{
	int i;

	for (i = 0; i < GAMES; i++)
		((double *)ns)[i] = pingpong_play(&table, false);
	return NULL;
}

/* Both see the same time, but for where they are put off their CPUs. */
static void test_pingpong(void **state)
{
	double served[GAMES], returned[GAMES];
	bool agreed = false;
	pthread_t thread;
	int i;

	clock_start();
	clock_calibrate();
	assert_int_equal(pthread_create(&thread, NULL, client, returned), 0);
	for (i = 0; i < GAMES; i++)
		served[i] = pingpong_play(&table, true);
	pthread_join(thread, NULL);
	for (i = 0; i < GAMES; i++) {
		assert_true(served[i] > 1 && returned[i] > 1);
		agreed |= served[i] > returned[i] * 0.9 && served[i] < returned[i] * 1.1;
	}
	assert_true(agreed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_team),
		cmocka_unit_test(test_pingpong),
	};

	return cmocka_run_group_tests_name("team", tests, NULL, NULL);
}
