// SPDX-License-Identifier: GPL-2.0-only
/*
 * Others move a pool's free blocks while its owner reads its figures or ends it: the
 * shrinker, a CPU that goes offline, a CPU that exchanges magazines.  A block that moves
 * is neither in use nor gone.
 */
#include <asm/barrier.h>
#include <linux/sched.h>

#include "contract.h"

/* Blocks of half a page: enough pages for a shrinker to find some to spare. */
#define SIZE		2048
#define NR		120
#define KEPT		10

#ifdef __SANITIZE_THREAD__
#define ROUNDS		50
#else
#define ROUNDS		300
#endif

struct other {
	struct contract_thread *thread;
	struct dma_pool *pool;
	bool stop;
};

static void shrink_until_told(void *arg)
{
	struct other *other = arg;

	while (!smp_load_acquire(&other->stop)) {
		contract_shrink(1000);
		cond_resched();
	}
}

static void use_all(struct dma_pool *pool, size_t nr)
{
	struct dma_pool_block blocks[NR];
	size_t i;

	for (i = 0; i < nr; i++)
		blocks[i].vaddr = dma_pool_alloc(pool, GFP_ATOMIC, &blocks[i].dma);
	for (i = 0; i < nr; i++)
		if (blocks[i].vaddr)
			contract_put(pool, &blocks[i]);
}

static void use_until_told(void *arg)
{
	struct other *other = arg;

	while (!smp_load_acquire(&other->stop)) {
		use_all(other->pool, NR - KEPT);
		cond_resched();
	}
}

static void start(struct contract *t, struct other *other, void (*work)(void *arg))
{
	other->thread = contract_thread_start(work, other);
	CHECK(t, other->thread, "there is no thread");
}

static void stop(struct other *other)
{
	smp_store_release(&other->stop, true);
	contract_thread_join(other->thread);
}

/* That none is called busy is for the check of the log after every test. */
static void destroy_under_memory_pressure_gives_all_back(struct contract *t)
{
	struct other other = { };
	struct dma_pool *pool;
	unsigned int i;

	start(t, &other, shrink_until_told);
	for (i = 0; i < ROUNDS; i++) {
		pool = contract_pool(t, "idle", SIZE, 0, 0);
		use_all(pool, NR);
		dma_pool_destroy(pool);
		cond_resched();
	}
	stop(&other);
}

static void use_once(void *arg)
{
	struct other *other = arg;

	use_all(other->pool, NR);
	smp_store_release(&other->stop, true);
}

/* The thread's CPU goes offline with free blocks, which are brought to safety. */
static void destroy_while_a_cpu_goes_offline_gives_all_back(struct contract *t)
{
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		struct other other = { .pool = contract_pool(t, "idle", SIZE, 0, 0) };

		start(t, &other, use_once);
		while (!smp_load_acquire(&other.stop))
			cond_resched();
		dma_pool_destroy(other.pool);
		contract_thread_join(other.thread);
	}
}

static void check_usage(struct contract *t, struct other *other, size_t most)
{
	struct dma_pool_block kept[KEPT];
	size_t i, active;

	for (i = 0; i < KEPT; i++)
		kept[i] = contract_block(t, other->pool, GFP_KERNEL);
	for (i = 0; i < ROUNDS; i++) {
		use_all(other->pool, most == KEPT ? NR : 0);
		active = contract_usage(t, "pool").active;
		if (active < KEPT || active > most)
			break;
		cond_resched();
	}
	stop(other);
	CHECK(t, i == ROUNDS, "%zu blocks in use, not %d to %zu", active, KEPT, most);
	for (i = 0; i < KEPT; i++)
		contract_put(other->pool, &kept[i]);
	dma_pool_destroy(other->pool);
}

static void usage_is_right_under_memory_pressure(struct contract *t)
{
	struct other other = { };

	contract_needs_own_blocks(t);
	other.pool = contract_pool(t, "pool", SIZE, 0, 0);
	start(t, &other, shrink_until_told);
	check_usage(t, &other, KEPT);
}

static void usage_is_right_while_another_cpu_is_at_work(struct contract *t)
{
	struct other other = { };

	contract_needs_own_blocks(t);
#ifdef __SANITIZE_THREAD__
	if (t->traits->reads_unlocked)
		contract_skip(t, "mainline reads its counters without a lock since 6.4");
#endif
	other.pool = contract_pool(t, "pool", SIZE, 0, 0);
	start(t, &other, use_until_told);
	check_usage(t, &other, NR);
}

const struct contract_test meanwhile_tests[] = {
	CONTRACT_TEST(destroy_under_memory_pressure_gives_all_back),
	CONTRACT_TEST(destroy_while_a_cpu_goes_offline_gives_all_back),
	CONTRACT_TEST(usage_is_right_under_memory_pressure),
	CONTRACT_TEST(usage_is_right_while_another_cpu_is_at_work),
	{ }
};
