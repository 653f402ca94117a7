// SPDX-License-Identifier: GPL-2.0-only
/* Many CPUs on one pool, CPUs that come and go, and many pools on one device. */
#include <pthread.h>
#include <stdio.h>

#include "exchange.h"
#include "shim/shim.h"

#define NR_THREADS	4
#define STEPS		4000		/* of a thread that stays */
#define SHORT_STEPS	150		/* of one that ends soon */
#define NR_SHORT	60
#define NR_POOLS	60		/* that a thread makes one after the other */

struct worker {
	pthread_t thread;
	struct contract *t;
	struct exchange *x;
	unsigned int id, steps;
	const char *fault;
};

static void check_start(struct contract *t, struct worker *w, void *(*work)(void *))
{
	CHECK(t, !pthread_create(&w->thread, NULL, work, w), "a thread cannot be made");
}

static void *exchange_blocks(void *arg)
{
	struct worker *w = arg;
	struct prop_rng rng = { prop_seed + w->id };
	unsigned int i;

	shim_cpu_up();
	for (i = 0; i < w->steps; i++)
		exchange_step(w->x, &rng, i % 2 ? GFP_KERNEL : GFP_ATOMIC);
	return NULL;
}

static void begin(struct contract *t, struct exchange *x, size_t align, size_t boundary)
{
	contract_needs_own_blocks(t);
	*x = (struct exchange) {
		.pool = contract_pool(t, "pool", EXCHANGE_SIZE, align, boundary),
	};
}

static void end(struct contract *t, struct exchange *x)
{
	exchange_drain(x);
	CHECK(t, !x->fault, "%s", x->fault);
	CHECK_EQ(t, contract_usage(t, "pool").active, 0, "blocks in use");
	dma_pool_destroy(x->pool);
}

static void threads_share_a_pool(struct contract *t)
{
	struct worker workers[NR_THREADS];
	struct exchange x;
	unsigned int i;

	begin(t, &x, 32, 256);
	for (i = 0; i < NR_THREADS; i++) {
		workers[i] = (struct worker) { .t = t, .x = &x, .id = i, .steps = STEPS };
		check_start(t, &workers[i], exchange_blocks);
	}
	for (i = 0; i < NR_THREADS; i++)
		pthread_join(workers[i].thread, NULL);
	end(t, &x);
}

/* Each leaves blocks behind that later ones free. */
static void threads_that_come_and_go_share_a_pool(struct contract *t)
{
	struct worker workers[NR_THREADS], *w;
	struct exchange x;
	unsigned int i;

	begin(t, &x, 0, 0);
	for (i = 0; i < NR_SHORT + NR_THREADS; i++) {
		w = &workers[i % NR_THREADS];
		if (i >= NR_THREADS)
			pthread_join(w->thread, NULL);
		if (i >= NR_SHORT)
			continue;
		*w = (struct worker) { .t = t, .x = &x, .id = i, .steps = SHORT_STEPS };
		check_start(t, w, exchange_blocks);
	}
	end(t, &x);
}

static void the_pools_file_can_be_read_meanwhile(struct contract *t)
{
	struct worker w = { .t = t, .id = 1, .steps = STEPS };
	struct exchange x;
	struct pools_row row;
	unsigned int i;

#ifdef __SANITIZE_THREAD__
	if (t->traits->debug != DEBUG_SWITCH && !t->traits->block_per_page)
		contract_skip(t, "mainline reads its counters without a lock");
#endif
	begin(t, &x, 0, 0);
	w.x = &x;
	check_start(t, &w, exchange_blocks);
	for (i = 0; i < 200; i++)
		CHECK(t, contract_pools_row(t->dev, "pool", &row), "it is not listed");
	pthread_join(w.thread, NULL);
	end(t, &x);
}

static void *make_pools(void *arg)
{
	struct worker *w = arg;
	struct dma_pool *pool;
	struct pools_row row;
	unsigned int i;
	char name[16];

	shim_cpu_up();
	snprintf(name, sizeof(name), "pool%u", w->id);
	for (i = 0; i < NR_POOLS && !w->fault; i++) {
		pool = dma_pool_create(name, w->t->dev, 64, 0, 0);
		if (!pool)
			w->fault = "a pool is refused";
		else if (!contract_pools_row(w->t->dev, name, &row))
			w->fault = "a pool is not listed";
		dma_pool_destroy(pool);
	}
	return NULL;
}

static void threads_make_and_destroy_pools_of_one_device(struct contract *t)
{
	struct worker workers[NR_THREADS];
	unsigned int i;

	for (i = 0; i < NR_THREADS; i++) {
		workers[i] = (struct worker) { .t = t, .id = i };
		check_start(t, &workers[i], make_pools);
	}
	for (i = 0; i < NR_THREADS; i++)
		pthread_join(workers[i].thread, NULL);
	for (i = 0; i < NR_THREADS; i++)
		CHECK(t, !workers[i].fault, "%s", workers[i].fault);
}

const struct contract_test threads_tests[] = {
	CONTRACT_TEST(threads_share_a_pool),
	CONTRACT_TEST(threads_that_come_and_go_share_a_pool),
	CONTRACT_TEST(the_pools_file_can_be_read_meanwhile),
	CONTRACT_TEST(threads_make_and_destroy_pools_of_one_device),
	{ }
};
