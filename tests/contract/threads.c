// SPDX-License-Identifier: GPL-2.0-only
/* Many CPUs on one pool, CPUs that come and go, and many pools on one device. */
#include <linux/sched.h>

#include "exchange.h"
#include "stranded.h"

#define NR_THREADS	4

/*
 * Steps of a thread that stays and of one that ends soon.  Four threads that wait for
 * each other on two CPUs are slow, under ThreadSanitizer above all, which in turn sees
 * a race that did not strike and needs few.
 */
#ifdef __SANITIZE_THREAD__
#define STEPS		400
#define SHORT_STEPS	30
#define NR_POOLS	40
#else
#define STEPS		1500
#define SHORT_STEPS	60
#define NR_POOLS	400		/* that a thread makes one after the other */
#endif

#define NR_TRIMS	20
#define NR_SHORT	30
#define NR_GROWN	20		/* pools grown from nothing by all threads */
#define NR_BLOCKS	50		/* that each then takes, two a page */
#define NR_STRANDED	2500		/* that each has out at a time */

struct worker {
	struct contract_thread *thread;
	unsigned int *missing;		/* to start together; NULL to start at once */
	void (*work)(struct worker *w);
	struct contract *t;
	unsigned int id, steps;
	struct exchange *x;
	struct dma_pool *pool;
	struct dma_pool_block blocks[NR_BLOCKS];
	const char *fault;
};

/* Waits for those who are not at the start line yet. */
static void line_up(unsigned int *missing)
{
	__atomic_sub_fetch(missing, 1, __ATOMIC_ACQ_REL);
	while (__atomic_load_n(missing, __ATOMIC_ACQUIRE))
		cond_resched();
}

static void begin_work(void *arg)
{
	struct worker *w = arg;

	if (w->missing)
		line_up(w->missing);
	w->work(w);
}

static void start(struct contract *t, struct worker *w)
{
	w->t = t;
	w->thread = contract_thread_start(begin_work, w);
	CHECK(t, w->thread, "there is no thread");
}

static void run_together(struct contract *t, struct worker *workers)
{
	unsigned int missing = NR_THREADS;
	struct worker *w;

	for (w = workers; w < workers + NR_THREADS; w++) {
		w->missing = &missing;
		w->id = w - workers;
		start(t, w);
	}
	for (w = workers; w < workers + NR_THREADS; w++)
		contract_thread_join(w->thread);
	for (w = workers; w < workers + NR_THREADS; w++)
		CHECK(t, !w->fault, "%s", w->fault);
}

static void exchange_blocks(struct worker *w)
{
	struct prop_rng rng = { prop_seed + w->id };
	unsigned int i;

	for (i = 0; i < w->steps; i++) {
		exchange_step(w->x, &rng, i % 2 ? GFP_KERNEL : GFP_ATOMIC);
		cond_resched();
	}
}

/* What is in use stays in use, whatever the others do meanwhile. */
static void trim_the_pool(struct worker *w)
{
	unsigned int i;

	for (i = 0; i < w->steps; i++)
		dma_pool_trim(w->x->pool);
}

/* All exchange blocks but the first, which may have something else to do. */
static void share_a_pool(struct contract *t, void (*work_of_first)(struct worker *w),
			 unsigned int steps_of_first)
{
	struct worker workers[NR_THREADS];
	struct exchange x;
	unsigned int i;

	exchange_begin(t, &x, 32, 256);
	for (i = 0; i < NR_THREADS; i++)
		workers[i] = (struct worker) {
			.work = i ? exchange_blocks : work_of_first, .x = &x,
			.steps = i ? STEPS : steps_of_first,
		};
	run_together(t, workers);
	exchange_end(t, &x);
}

static void threads_share_a_pool(struct contract *t)
{
	share_a_pool(t, exchange_blocks, STEPS);
}

static void threads_share_a_pool_that_is_trimmed(struct contract *t)
{
	share_a_pool(t, trim_the_pool, NR_TRIMS);
}

/* Each leaves blocks behind that later ones free. */
static void threads_that_come_and_go_share_a_pool(struct contract *t)
{
	struct worker workers[NR_THREADS], *w;
	struct exchange x;
	unsigned int i;

	exchange_begin(t, &x, 0, 0);
	for (i = 0; i < NR_SHORT + NR_THREADS; i++) {
		w = &workers[i % NR_THREADS];
		if (i >= NR_THREADS)
			contract_thread_join(w->thread);
		if (i >= NR_SHORT)
			continue;
		*w = (struct worker) {
			.work = exchange_blocks, .id = i, .x = &x, .steps = SHORT_STEPS,
		};
		start(t, w);
	}
	exchange_end(t, &x);
}

static void take_blocks(struct worker *w)
{
	struct dma_pool_block *block;

	for (block = w->blocks; block < w->blocks + NR_BLOCKS; block++)
		block->vaddr = dma_pool_alloc(w->pool, GFP_ATOMIC, &block->dma);
}

/* Two that add a page at the same time: neither page's blocks may be lost. */
static void threads_that_grow_a_pool_lose_no_block(struct contract *t)
{
	struct worker workers[NR_THREADS];
	struct dma_pool *pool;
	unsigned int round, i;

	contract_needs_own_blocks(t);
	for (round = 0; round < NR_GROWN; round++) {
		pool = contract_pool(t, "grown", 2000, 0, 0);
		for (i = 0; i < NR_THREADS; i++)
			workers[i] = (struct worker) {
				.work = take_blocks, .pool = pool,
			};
		run_together(t, workers);
		CHECK_EQ(t, contract_usage(t, "grown").active, NR_THREADS * NR_BLOCKS,
			 "blocks in use");
		for (i = 0; i < NR_THREADS; i++)
			dma_pool_free_bulk(pool, NR_BLOCKS, workers[i].blocks);
		exchange_check_none_lost(t, "grown", pool, 2);
		dma_pool_destroy(pool);
	}
}

/* Full magazines go from CPU to CPU meanwhile, and none may be counted too often. */
static void strand_some(struct worker *w)
{
	struct dma_pool_block *blocks = kcalloc(NR_STRANDED, sizeof(*blocks), GFP_KERNEL);
	size_t may = w->t->traits->most_stranded(64, NR_THREADS);

	if (strand_blocks(w->pool, prop_seed + w->id, NR_STRANDED, blocks) > may)
		w->fault = "more is stranded than may be";
	kfree(blocks);
}

static void threads_strand_no_more_than_they_may(struct contract *t)
{
	struct worker workers[NR_THREADS];
	struct dma_pool *pool;
	unsigned int i;

	needs_bound(t);
	pool = contract_pool(t, "pool", 64, 0, 0);
	for (i = 0; i < NR_THREADS; i++)
		workers[i] = (struct worker) { .work = strand_some, .pool = pool };
	run_together(t, workers);
	dma_pool_destroy(pool);
}

static void the_pools_file_can_be_read_meanwhile(struct contract *t)
{
	struct exchange x;
	struct worker w = { .work = exchange_blocks, .x = &x, .steps = STEPS };
	unsigned int i;

#ifdef __SANITIZE_THREAD__
	if (t->traits->reads_unlocked)
		contract_skip(t, "mainline reads its counters without a lock since 6.4");
#endif
	exchange_begin(t, &x, 0, 0);
	start(t, &w);
	for (i = 0; i < 200; i++)
		contract_usage(t, "exchange");
	contract_thread_join(w.thread);
	exchange_end(t, &x);
}

static void make_pools(struct worker *w)
{
	struct dma_pool *pool;
	struct pools_row row;
	unsigned int i;
	char name[16];

	scnprintf(name, sizeof(name), "pool%u", w->id);
	for (i = 0; i < NR_POOLS && !w->fault; i++) {
		pool = dma_pool_create(name, w->t->dev, 64, 0, 0);
		if (!pool)
			w->fault = "a pool is refused";
		else if (!contract_pools_row(w->t->dev, name, &row))
			w->fault = "a pool is not listed";
		contract_destroy(pool);
	}
}

static void threads_make_and_destroy_pools_of_one_device(struct contract *t)
{
	struct worker workers[NR_THREADS];
	unsigned int i;

	for (i = 0; i < NR_THREADS; i++)
		workers[i] = (struct worker) { .work = make_pools };
	run_together(t, workers);
}

const struct contract_test threads_tests[] = {
	CONTRACT_TEST(threads_share_a_pool),
	CONTRACT_TEST(threads_share_a_pool_that_is_trimmed),
	CONTRACT_TEST(threads_that_come_and_go_share_a_pool),
	CONTRACT_TEST(threads_that_grow_a_pool_lose_no_block),
	CONTRACT_TEST(threads_strand_no_more_than_they_may),
	CONTRACT_TEST(the_pools_file_can_be_read_meanwhile),
	CONTRACT_TEST(threads_make_and_destroy_pools_of_one_device),
	{ }
};
