// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the workloads ask of a pool: how many calls an operation is, in which order
 * blocks come back, from which pools and CPUs.  This file is the pool, which gives
 * out numbers for blocks and writes down every call.
 */
#include "env.h"

#include <linux/mm.h>
#include <linux/smp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shim/shim.h"

#define CALLS	(1 << 16)
#define BLOCKS	(1 << 20)
#define POOLS	16

/* ---- the pool ---- */

struct dma_pool {
	size_t size, align, boundary;
	bool alive;
};

enum kind { ALLOC, FREE, KINDS };

struct call {
	enum kind kind;
	int cpu;
	unsigned int pool, block;	/* counted from 0, from 1 */
	unsigned int at_once;		/* blocks of this call */
	gfp_t gfp;
	bool timed;
};

static struct env env;
static struct dma_pool pools[POOLS];
static unsigned int nr_pools;
static struct call calls[CALLS];	/* the first ones */
static unsigned int nr_calls;		/* may be more */
static unsigned int nr_blocks, nr_live, nr_wrong;
static u64 nr_timed[KINDS];
static u8 pool_of[BLOCKS];		/* a live block's, from 1 */
static u64 alloc_ticks;			/* an allocation takes at least */

static void write_down(struct dma_pool *pool, enum kind kind, unsigned int block,
		       unsigned int at_once, gfp_t gfp)
{
	unsigned int at = __atomic_fetch_add(&nr_calls, 1, __ATOMIC_RELAXED);

	if (!env.paused)
		__atomic_fetch_add(&nr_timed[kind], 1, __ATOMIC_RELAXED);
	if (at < CALLS)
		calls[at] = (struct call) {
			kind, smp_processor_id(), pool - pools, block, at_once, gfp,
			!env.paused,
		};
}

static void wrong(void)
{
	__atomic_fetch_add(&nr_wrong, 1, __ATOMIC_RELAXED);
}

struct dma_pool *dma_pool_create(const char *name, struct device *dev, size_t size,
				 size_t align, size_t boundary)
{
	assert_true(nr_pools < POOLS);
	pools[nr_pools] = (struct dma_pool) { size, align, boundary, true };
	return &pools[nr_pools++];
}

void dma_pool_destroy(struct dma_pool *pool)
{
	if (!pool)
		return;
	if (!pool->alive)
		wrong();
	pool->alive = false;
}

static void *take(struct dma_pool *pool, gfp_t gfp, dma_addr_t *dma, unsigned int at_once)
{
	unsigned int block = __atomic_add_fetch(&nr_blocks, 1, __ATOMIC_RELAXED);
	u64 start = wl_clock();

	if (block >= BLOCKS || !pool->alive) {
		wrong();
		return NULL;
	}
	__atomic_store_n(&pool_of[block], pool - pools + 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&nr_live, 1, __ATOMIC_RELAXED);
	write_down(pool, ALLOC, block, at_once, gfp);
	while (wl_clock() - start < alloc_ticks)
		;
	*dma = (dma_addr_t)block << PAGE_SHIFT;
	return (void *)(uintptr_t)*dma;
}

static void put(struct dma_pool *pool, void *vaddr, dma_addr_t dma, unsigned int at_once)
{
	unsigned int block = dma >> PAGE_SHIFT;

	if (!pool->alive || (uintptr_t)vaddr != dma || block >= BLOCKS ||
	    __atomic_exchange_n(&pool_of[block], 0, __ATOMIC_RELAXED) !=
	    pool - pools + 1) {
		wrong();
		return;
	}
	__atomic_fetch_sub(&nr_live, 1, __ATOMIC_RELAXED);
	write_down(pool, FREE, block, at_once, 0);
}

void *dma_pool_alloc(struct dma_pool *pool, gfp_t gfp, dma_addr_t *dma)
{
	return take(pool, gfp, dma, 1);
}

void dma_pool_free(struct dma_pool *pool, void *vaddr, dma_addr_t dma)
{
	put(pool, vaddr, dma, 1);
}

size_t dma_pool_alloc_bulk(struct dma_pool *pool, gfp_t gfp, size_t nr,
			   struct dma_pool_block *blocks)
{
	size_t i;

	for (i = 0; i < nr; i++)
		blocks[i].vaddr = take(pool, gfp, &blocks[i].dma, nr);
	return nr;
}

void dma_pool_free_bulk(struct dma_pool *pool, size_t nr,
			const struct dma_pool_block *blocks)
{
	size_t i;

	for (i = 0; i < nr; i++)
		put(pool, blocks[i].vaddr, blocks[i].dma, nr);
}

/* ---- a row ---- */

static char name[WL_NAME_LEN];

#define assert_row(truth)						\
	do {								\
		if (!(truth))						\
			fail_msg("%s: not so: %s", name, #truth);	\
	} while (0)

static const struct workload *family(const char *wanted)
{
	const struct workload *const *workload = wl_families;

	while (strcmp((*workload)->family, wanted))
		workload++;
	return *workload;
}

static void forget_calls(void)
{
	nr_calls = 0;
	memset(nr_timed, 0, sizeof(nr_timed));
}

static void set_up_seeded(const struct workload *workload, const struct wl_row *row,
			  unsigned int threads, u64 seed)
{
	wl_row_name(name, sizeof(name), workload->family, "calls", row);
	nr_pools = nr_blocks = nr_live = nr_wrong = 0;
	memset(pool_of, 0, sizeof(pool_of));
	forget_calls();
	env_init(&env, workload, row, threads, seed, NULL);
	env_pools_text = "poolinfo - 0.1\n";
	assert_row(workload->setup(&env.run) == 0);
}

static void set_up(const char *name, const struct wl_row *row, unsigned int threads)
{
	set_up_seeded(family(name), row, threads, 1);
}

/* Only what a row does while it works is looked at. */
static void work(unsigned int quanta)
{
	forget_calls();
	assert_row(env_work(&env, quanta) == 0);
}

static void tear_down(void)
{
	unsigned int i;

	env.workload->teardown(&env.run);
	assert_row(nr_live == 0);
	assert_row(nr_wrong == 0);
	for (i = 0; i < nr_pools; i++)
		assert_row(!pools[i].alive);
}

/* ---- what an operation is ---- */

/* Steps, of which 55 in a hundred lead down, from the peak to about a tenth. */
static void check_mixed(u64 ops)
{
	u64 steps = nr_timed[ALLOC] + nr_timed[FREE];

	assert_row(steps > 2 * ops * 99 / 100 && steps <= 2 * ops);
	assert_row(nr_timed[FREE] - nr_timed[ALLOC] == env.run.row->blocks - nr_live);
	assert_row(nr_live > env.run.row->blocks / 20);
	assert_row(nr_live < env.run.row->blocks / 5);
}

static void check_counts(const struct workload *workload, const struct wl_row *row,
			 unsigned int threads)
{
	u64 ops;

	set_up_seeded(workload, row, threads, 1);
	work(1);
	ops = workload->quantum(&env.run) * threads / max(workload->cpus_per_op, 1u);
	if (row->phase == WL_MIXED) {
		check_mixed(ops);
	} else {
		assert_row(nr_timed[ALLOC] == (row->phase == WL_DOWN ? 0 : ops));
		assert_row(nr_timed[FREE] == ops);
	}
	tear_down();
}

/* An operation is one allocation and one free. */
static void test_counts(void **state)
{
	const struct workload *const *workload;
	unsigned int step, i;

	for (workload = wl_families; *workload; workload++) {
		step = max((*workload)->cpus_per_op, 1u);
		for (i = 0; i < (*workload)->nr_rows; i++) {
			const struct wl_row *row = &(*workload)->rows[i];

			if (row->full)
				continue;
			check_counts(*workload, row, step);
			if (row->many)
				check_counts(*workload, row, 2 * step);
		}
	}
}

static void test_pair(void **state)
{
	const struct wl_row row = { .size = 68, .align = 32, .boundary = 4096 };
	unsigned int i;

	set_up("pair", &row, 1);
	assert_int_equal(pools[0].size, 68);
	assert_int_equal(pools[0].align, 32);
	assert_int_equal(pools[0].boundary, 4096);
	work(1);
	for (i = 0; i < nr_calls; i++)
		assert_int_equal(calls[i].kind, i % 2 ? FREE : ALLOC);
	tear_down();
}

/* ---- in which order blocks come back ---- */

#define HELD 32

/* From which place of the round's allocations its i-th free is. */
static unsigned int place(unsigned int round, unsigned int i)
{
	const struct call *first = &calls[round * 2 * HELD];

	assert_int_equal(first[i].kind, ALLOC);
	assert_int_equal(first[HELD + i].kind, FREE);
	return first[HELD + i].block - first[0].block;
}

static void run_order(enum wl_order order, u64 seed)
{
	struct wl_row row = { .size = 64, .hold = HELD, .order = order };

	set_up_seeded(family("batch"), &row, 1, seed);
	work(2);
	assert_int_equal(nr_calls, 2 * 2 * HELD);
	tear_down();
}

static void test_lifo_and_fifo(void **state)
{
	unsigned int i;

	run_order(WL_LIFO, 1);
	for (i = 0; i < HELD; i++)
		assert_int_equal(place(1, i), HELD - 1 - i);
	run_order(WL_FIFO, 1);
	for (i = 0; i < HELD; i++)
		assert_int_equal(place(1, i), i);
}

/* One order for a run, which the seed decides. */
static void test_random_order(void **state)
{
	unsigned int order[HELD], i, other = 0, rising = 0;

	run_order(WL_RANDOM, 1);
	for (i = 0; i < HELD; i++) {
		order[i] = place(0, i);
		assert_int_equal(place(1, i), order[i]);
		rising += i && order[i] > order[i - 1];
	}
	assert_in_range(rising, HELD / 4, HELD * 3 / 4);
	run_order(WL_RANDOM, 2);
	for (i = 0; i < HELD; i++)
		other += place(0, i) != order[i];
	assert_true(other > HELD / 2);
}

/* Whether blocks come back in the order in which they went out. */
static bool in_order(void)
{
	unsigned int last = 0, i;

	for (i = 0; i < nr_calls && i < CALLS; i++)
		if (calls[i].kind == FREE && calls[i].block != ++last)
			return false;
	return true;
}

/* Whether of two frees the second is as often of an older block as of a younger one. */
static bool at_random(void)
{
	unsigned int last = 0, rising = 0, frees = 0, i;

	for (i = 0; i < nr_calls && i < CALLS; i++) {
		if (calls[i].kind != FREE)
			continue;
		rising += calls[i].block > last;
		last = calls[i].block;
		frees++;
	}
	return rising > frees * 2 / 5 && rising < frees * 3 / 5;
}

static void test_kernels_test(void **state)
{
	const struct wl_row row = { .size = 4096, .align = 4096 };
	unsigned int i;

	set_up("dmapool_test", &row, 1);
	assert_int_equal(env.workload->quantum(&env.run), 100 * 1024);
	work(2);
	assert_int_equal(nr_pools, 2);
	assert_int_equal(pools[1].align, 4096);
	for (i = 0; i < CALLS; i++) {
		assert_int_equal(calls[i].kind, i / 1024 % 2 ? FREE : ALLOC);
		assert_int_equal(calls[i].gfp, calls[i].kind == ALLOC ? GFP_KERNEL : 0);
	}
	assert_true(in_order());
	tear_down();
}

static void test_kernels_test_masked(void **state)
{
	const struct wl_row row = { .size = 4096, .align = 4096 };

	set_up("dmapool_test", &row, 1);
	env.run.masked = true;
	work(1);
	assert_int_equal(calls[0].gfp, GFP_ATOMIC);
	tear_down();
}

/* ---- who calls ---- */

static void test_contend(void **state)
{
	const struct wl_row shared = { .size = 64, .hold = 1, .shared = WL_SHARED };
	const struct wl_row own = { .size = 64, .hold = 1, .shared = WL_OWN };
	unsigned int i;

	set_up("contend", &shared, 2);
	assert_int_equal(nr_pools, 1);
	work(1);
	tear_down();

	set_up("contend", &own, 2);
	assert_int_equal(nr_pools, 2);
	work(1);
	for (i = 0; i < nr_calls; i++)
		assert_int_equal(calls[i].pool, calls[i].cpu > 0);
	tear_down();
}

/* CPU 0 is this thread; more than the ring holds. */
static void test_handoff(void **state)
{
	const struct wl_row row = { .size = 64 };
	unsigned int i;

	set_up("handoff", &row, 2);
	work(5);
	assert_int_equal(nr_calls, 2 * 5 * 1024);
	for (i = 0; i < nr_calls; i++)
		assert_int_equal(calls[i].kind, calls[i].cpu ? FREE : ALLOC);
	assert_true(in_order());
	tear_down();
}

/* A run that ends in the middle: neither waits for ever, and the ring is emptied. */
static void test_handoff_ends(void **state)
{
	const struct wl_row row = { .size = 64 };

	set_up("handoff", &row, 2);
	env.run.stop = 1;
	env.workload->work(&env.cpus[1], 1024);
	assert_int_equal(nr_calls, 0);
	env.workload->work(&env.cpus[0], 2 * 1024);
	assert_int_equal(nr_live, 1024);
	tear_down();
}

static void test_bulk(void **state)
{
	const struct wl_row row = { .size = 64, .hold = 1024 };
	unsigned int i;

	set_up("bulk", &row, 1);
	work(2);
	assert_int_equal(nr_calls, 2 * 2 * 1024);
	for (i = 0; i < nr_calls; i++) {
		assert_int_equal(calls[i].kind, i / 1024 % 2 ? FREE : ALLOC);
		assert_int_equal(calls[i].at_once, 32);
	}
	tear_down();
}

/* ---- latency ---- */

#define SLOW_TICKS	20000

/* The histogram of this row's steady state, of a pool whose allocations are slow. */
static u64 median(enum wl_op op)
{
	const struct wl_row row = { .size = 64, .op = op };
	u64 median;

	set_up("latency", &row, 1);
	alloc_ticks = SLOW_TICKS;
	work(1);
	alloc_ticks = 0;
	median = hist_quantile(env.cpus[0].steady, 500000) / ENV_PS_PER_TICK;
	tear_down();
	return median;
}

static void test_latency_times_its_op(void **state)
{
	assert_true(median(WL_ALLOC) > SLOW_TICKS * 99 / 100);
	assert_true(median(WL_FREE) < SLOW_TICKS / 2);
}

/* Steady state: as many blocks as ever, a random one replaced. */
static void test_latency_replaces(void **state)
{
	const struct wl_row row = { .size = 64, .op = WL_ALLOC };
	unsigned int i;

	set_up("latency", &row, 1);
	assert_int_equal(nr_live, 256);
	work(1);
	for (i = 0; i < nr_calls; i++)
		assert_int_equal(calls[i].kind, i % 2 ? ALLOC : FREE);
	assert_true(at_random());
	assert_int_equal(nr_live, 256);
	tear_down();
}

/* ---- frag ---- */

#define PEAK 1000

/* A first pass, of which the climb is not timed. */
static void climb(enum wl_phase phase)
{
	static struct wl_row row;
	unsigned int i;

	row = (struct wl_row) { .size = 64, .blocks = PEAK, .phase = phase };
	set_up("frag", &row, 1);
	work(1);
	for (i = 0; i < PEAK; i++) {
		assert_int_equal(calls[i].kind, ALLOC);
		assert_false(calls[i].timed);
	}
}

static void test_down(void **state)
{
	unsigned int i;

	climb(WL_DOWN);
	assert_int_equal(nr_calls, PEAK + PEAK * 9 / 10);
	for (i = PEAK; i < nr_calls; i++)
		assert_true(calls[i].kind == FREE && calls[i].timed);
	assert_true(at_random());
	assert_int_equal(nr_live, PEAK / 10);
	tear_down();
}

static void check_churn(enum wl_phase phase, unsigned int times)
{
	unsigned int first, i;

	climb(phase);
	first = nr_calls - 2 * times * PEAK;
	for (i = PEAK; i < nr_calls; i++) {
		assert_true(calls[i].timed == (i >= first));
		if (i >= first)
			assert_int_equal(calls[i].kind, (i - first) % 2 ? ALLOC : FREE);
	}
	assert_in_range(nr_live, 1, PEAK / 3);
	tear_down();
}

static void test_churn(void **state)
{
	check_churn(WL_CHURN2, 2);
	check_churn(WL_CHURN10, 10);
}

/* ---- drivers ---- */

static void assert_pool(unsigned int i, size_t size, size_t align, size_t boundary)
{
	assert_int_equal(pools[i].size, size);
	assert_int_equal(pools[i].align, align);
	assert_int_equal(pools[i].boundary, boundary);
}

static void test_nvme(void **state)
{
	const struct wl_row row = { .pattern = WL_NVME };
	unsigned int large = 0, i;

	set_up("driver", &row, 2);
	assert_int_equal(nr_pools, 2);
	assert_pool(0, 256, 256, 0);
	assert_pool(1, 4096, 4096, 0);
	assert_int_equal(nr_live, 2 * 1024);
	work(1);
	for (i = 0; i < nr_calls; i++)
		large += calls[i].kind == ALLOC && calls[i].pool;
	assert_in_range(large, 512 - 100, 512 + 100);
	assert_true(at_random());
	tear_down();
}

static void test_ehci(void **state)
{
	const struct wl_row row = { .pattern = WL_EHCI };
	unsigned int used[8] = { 0 }, i;

	set_up("driver", &row, 1);
	assert_int_equal(nr_pools, 8);
	assert_pool(0, 96, 32, 4096);
	assert_pool(1, 96, 32, 4096);
	assert_pool(2, 192, 32, 4096);
	assert_pool(3, 96, 32, 4096);
	assert_pool(4, 32, 32, 0);
	assert_pool(5, 128, 128, 0);
	assert_pool(6, 512, 512, 0);
	assert_pool(7, 2048, 2048, 0);
	assert_int_equal(nr_live, 64 * 4);
	work(1);
	for (i = 0; i < nr_calls; i += 8) {
		assert_int_equal(calls[i + 4].pool, 0);
		assert_int_equal(calls[i + 5].pool, 0);
		assert_in_range(calls[i + 6].pool, 1, 3);
		assert_in_range(calls[i + 7].pool, 4, 7);
		used[calls[i + 6].pool]++;
		used[calls[i + 7].pool]++;
	}
	for (i = 1; i < 8; i++)
		assert_in_range(used[i], 256 / 8, 256 / 2);
	assert_true(in_order());
	tear_down();
}

static void test_nic(void **state)
{
	const struct wl_row row = { .pattern = WL_NIC };

	set_up("driver", &row, 1);
	assert_int_equal(nr_pools, 1);
	assert_pool(0, 64, 64, 0);
	assert_int_equal(nr_live, 512);
	work(2);
	assert_true(in_order());
	tear_down();
}

static void test_mpt3sas(void **state)
{
	const struct wl_row row = { .pattern = WL_MPT3SAS, .blocks = PEAK };
	unsigned int i;

	set_up("driver", &row, 1);
	assert_pool(0, 128, 16, 0);
	assert_int_equal(nr_live, 0);
	work(2);
	assert_int_equal(nr_pools, 1 + 2);
	assert_int_equal(nr_calls, 2 * 2 * PEAK);
	for (i = 0; i < nr_calls; i++)
		assert_int_equal(calls[i].kind, i / PEAK % 2 ? FREE : ALLOC);
	assert_true(in_order());
	tear_down();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_pair),
		cmocka_unit_test(test_lifo_and_fifo),
		cmocka_unit_test(test_random_order),
		cmocka_unit_test(test_kernels_test),
		cmocka_unit_test(test_kernels_test_masked),
		cmocka_unit_test(test_contend),
		cmocka_unit_test(test_handoff),
		cmocka_unit_test(test_handoff_ends),
		cmocka_unit_test(test_bulk),
		cmocka_unit_test(test_latency_times_its_op),
		cmocka_unit_test(test_latency_replaces),
		cmocka_unit_test(test_down),
		cmocka_unit_test(test_churn),
		cmocka_unit_test(test_nvme),
		cmocka_unit_test(test_ehci),
		cmocka_unit_test(test_nic),
		cmocka_unit_test(test_mpt3sas),
	};

	shim_cpu_up();
	return cmocka_run_group_tests_name("calls", tests, NULL, NULL);
}
