// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that runs out: every call that can fail inside a pool's call fails once, the
 * first, then the second and so on until none is left, and each time nothing is left
 * behind.
 */
#include "contract.h"

#define NR 10				/* blocks of 1000 bytes: three pages */

struct held {
	long objects;
	size_t bytes;
};

static struct held held_now(struct contract *t)
{
	return (struct held) {
		.objects = contract_objects_outstanding(),
		.bytes = contract_dma_outstanding(t->dev),
	};
}

static void check_held(struct contract *t, const struct held *before, unsigned int n)
{
	struct held now = held_now(t);

	CHECK(t, now.objects == before->objects && now.bytes == before->bytes,
	      "failure %u leaves %ld objects and %zd bytes behind", n,
	      now.objects - before->objects, (ssize_t)(now.bytes - before->bytes));
}

/*
 * attempt() makes something, checks and undoes it, or returns false if it could not
 * be made.  How many calls in it can fail.
 */
static unsigned int fail_each(struct contract *t,
			      bool (*attempt)(struct contract *t, struct dma_pool *pool),
			      struct dma_pool *pool)
{
	struct held before = held_now(t);
	unsigned int n;
	bool made;

	for (n = 1; ; n++) {
		contract_fail_nth(n);
		made = attempt(t, pool);
		check_held(t, &before, n);
		if (contract_fail_nth(0))
			break;
	}
	CHECK(t, made, "it cannot be made though no call fails");
	return n - 1;
}

static bool attempt_create(struct contract *t, struct dma_pool *unused)
{
	struct dma_pool *pool = dma_pool_create("pool", t->dev, 64, 0, 0);

	if (pool)
		contract_usage(t, "pool");
	contract_destroy(pool);
	return pool;
}

static bool attempt_managed_create(struct contract *t, struct dma_pool *unused)
{
	struct dma_pool *pool = dmam_pool_create("pool", t->dev, 64, 0, 0);

	if (!pool)
		return false;
	contract_usage(t, "pool");
	dmam_pool_destroy(pool);
	return true;
}

static bool attempt_create_alloc(struct contract *t, struct dma_pool *unused)
{
	struct dma_pool *pool = dma_pool_create("pool", t->dev, 64, 0, 0);
	struct dma_pool_block block = { .vaddr = NULL };

	if (pool)
		block.vaddr = dma_pool_alloc(pool, GFP_KERNEL, &block.dma);
	if (block.vaddr)
		contract_put(pool, &block);
	contract_destroy(pool);
	return block.vaddr;
}

static void create_fails_without_leaving_anything(struct contract *t)
{
	char buf[PAGE_SIZE];

	contract_needs_pages_seen(t);
	CHECK(t, fail_each(t, attempt_create, NULL) >= 2, "pool and file cannot fail");
	CHECK(t, contract_pools_file(t->dev, buf) < 0, "a pools file is left:\n%s", buf);
}

/* The file is there already. */
static void create_of_a_second_pool_fails_without_leaving_anything(struct contract *t)
{
	struct dma_pool *first;

	contract_needs_pages_seen(t);
	first = contract_pool(t, "first", 64, 0, 0);
	CHECK(t, fail_each(t, attempt_create, NULL) >= 1, "the pool cannot fail");
	contract_usage(t, "first");
	dma_pool_destroy(first);
}

static void managed_create_fails_without_leaving_anything(struct contract *t)
{
	contract_needs_pages_seen(t);
	CHECK(t, fail_each(t, attempt_managed_create, NULL) >= 3,
	      "resource, pool and file cannot fail");
}

static void the_first_alloc_fails_without_leaving_anything(struct contract *t)
{
	contract_needs_pages_seen(t);
	CHECK(t, fail_each(t, attempt_create_alloc, NULL) >= 3, "no page can fail");
}

/* Fills the pool up to the failure; how many blocks it gave. */
static size_t fill(struct dma_pool *pool, gfp_t gfp, struct dma_pool_block *blocks)
{
	size_t nr;

	for (nr = 0; nr < NR; nr++) {
		blocks[nr].vaddr = dma_pool_alloc(pool, gfp, &blocks[nr].dma);
		if (!blocks[nr].vaddr)
			break;
	}
	return nr;
}

/* Fails the n-th call of a fresh pool's blocks, got in bulk or not; how many it gave. */
static size_t partial(struct contract *t, unsigned int n, bool bulk, bool *struck)
{
	struct dma_pool *pool = contract_pool(t, "pool", 1000, 0, 0);
	struct dma_pool_block blocks[NR], rest[NR];
	size_t got, more, i;

	contract_fail_nth(n);
	got = bulk ? dma_pool_alloc_bulk(pool, GFP_KERNEL, NR, blocks) :
		     fill(pool, GFP_KERNEL, blocks);
	*struck = !contract_fail_nth(0);
	for (i = 0; i < got; i++)
		memset(blocks[i].vaddr, i + 1, 1000);
	/* It goes on where it was: nothing that it has was lost. */
	more = fill(pool, GFP_ATOMIC, rest);
	CHECK_EQ(t, more, NR, "blocks once there is memory again");
	if (!t->traits->shares_block)
		CHECK_EQ(t, contract_usage(t, "pool").active, got + more,
			 "blocks in use");
	for (i = 0; i < got && !t->traits->shares_block; i++)
		CHECK_EQ(t, contract_differs(blocks[i].vaddr, i + 1, 1000), 1000,
			 "bytes untouched");
	dma_pool_free_bulk(pool, got, blocks);
	dma_pool_free_bulk(pool, more, rest);
	dma_pool_destroy(pool);
	return got;
}

static void bulk_gives_what_it_got_before_memory_ran_out(struct contract *t)
{
	unsigned int n = 0;
	size_t single, bulk;
	struct held before;
	bool struck;

	contract_needs_pages_seen(t);
	before = held_now(t);
	do {
		n++;
		single = partial(t, n, false, &struck);
		bulk = partial(t, n, true, &struck);
		CHECK(t, bulk == single, "failure %u: %zu blocks; single calls give %zu",
		      n, bulk, single);
		check_held(t, &before, n);
	} while (struck);
	CHECK_EQ(t, bulk, NR, "blocks when no call fails");
	CHECK(t, n > 2 || t->traits->shares_block, "no page can fail");
}

/* Every block a page source can give is out; then some come back. */
static void a_pool_without_memory_lives_on_its_frees(struct contract *t)
{
	struct dma_pool_block blocks[4], again;
	struct dma_pool *pool;
	size_t i;

	if (t->traits->block_per_page)
		contract_skip(t, "every alloc needs fresh memory");
	contract_needs_own_blocks(t);
	contract_needs_4_3(t);
	pool = contract_pool(t, "pool", PAGE_SIZE, 0, 0);
	for (i = 0; i < ARRAY_SIZE(blocks); i++)
		blocks[i] = contract_block(t, pool, GFP_KERNEL);
	contract_fail_nth(1);
	CHECK(t, !dma_pool_alloc(pool, GFP_KERNEL, &again.dma), "it cannot fail");
	contract_put(pool, &blocks[0]);
	contract_fail_nth(1);
	again = contract_block(t, pool, GFP_KERNEL);
	contract_fail_nth(0);
	CHECK(t, again.dma == blocks[0].dma, "it is not the freed block");
	for (i = 0; i < ARRAY_SIZE(blocks); i++)
		contract_put(pool, &blocks[i]);
	dma_pool_destroy(pool);
}

const struct contract_test failure_tests[] = {
	CONTRACT_TEST(create_fails_without_leaving_anything),
	CONTRACT_TEST(create_of_a_second_pool_fails_without_leaving_anything),
	CONTRACT_TEST(managed_create_fails_without_leaving_anything),
	CONTRACT_TEST(the_first_alloc_fails_without_leaving_anything),
	CONTRACT_TEST(bulk_gives_what_it_got_before_memory_ran_out),
	CONTRACT_TEST(a_pool_without_memory_lives_on_its_frees),
	{ }
};
