// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that finds its way back without being asked for: pages that a pool no longer
 * needs, but none that it needs again at once.
 */
#include "pages.h"
#include "prop.h"

#define SIZE		64
#define PEAK		6400		/* blocks, on 100 pages */
#define SPARSE		(PEAK / 10)
#define CHURN		(32 * PEAK)	/* exchanged one for one */

#define IN_USE		1000		/* blocks out and back in every round */
#define WARM_UP		4
#define ROUNDS		12

static void needs_release(struct contract *t)
{
	if (!t->traits->gives_back)
		contract_skip(t, "nobody said that it gives pages back unasked");
}

/* Any block takes the last one's place. */
static void put_any(struct dma_pool *pool, struct prop_rng *rng,
		    struct dma_pool_block *blocks, size_t nr)
{
	struct dma_pool_block *block = &blocks[prop_below(rng, nr)];

	contract_put(pool, block);
	*block = blocks[nr - 1];
}

/* Leaves SPARSE blocks on all the pages of PEAK, and then exchanges them. */
static void peak_and_churn(struct contract *t, struct dma_pool *pool,
			   struct dma_pool_block *blocks)
{
	struct prop_rng rng = { prop_seed };
	size_t i;

	for (i = 0; i < PEAK; i++)
		blocks[i] = contract_block(t, pool, GFP_KERNEL);
	for (i = PEAK; i > SPARSE; i--)
		put_any(pool, &rng, blocks, i);
	for (i = 0; i < CHURN; i++) {
		put_any(pool, &rng, blocks, SPARSE);
		blocks[SPARSE - 1] = contract_block(t, pool, GFP_KERNEL);
	}
}

struct count {
	const struct dma_pool_block *blocks;
	size_t occupied;
};

static void count_occupied(const struct watched_page *page, void *arg)
{
	struct count *count = arg;
	size_t i;

	for (i = 0; i < SPARSE; i++) {
		if (count->blocks[i].dma - page->dma < page->bytes) {
			count->occupied++;
			break;
		}
	}
}

static size_t pages_occupied(const struct dma_pool_block *blocks)
{
	struct count count = { .blocks = blocks };

	pages_for_each(count_occupied, &count);
	return count.occupied;
}

/* The pages given up are back where they came from, if soon and not at once. */
static void check_memory_is_back(struct contract *t, size_t pages)
{
	unsigned int ms;

	for (ms = 0; contract_dma_outstanding(t->dev) > pages * PAGE_SIZE && ms < 5000;
	     ms++)
		contract_sleep_ms(1);
	CHECK_EQ(t, contract_dma_outstanding(t->dev), pages * PAGE_SIZE,
		 "bytes of coherent memory out");
}

static void a_sparse_pool_in_use_gives_pages_back(struct contract *t)
{
	static struct dma_pool_block blocks[PEAK];
	struct dma_pool *pool;
	size_t pages, i;

	needs_release(t);
	pages_watch(t->dev);
	pool = contract_pool(t, "pool", SIZE, 0, 0);
	peak_and_churn(t, pool, blocks);
	pages = contract_usage(t, "pool").pages;
	CHECK(t, pages <= PEAK * SIZE / PAGE_SIZE / 2, "%zu pages are held of %lu", pages,
	      PEAK * SIZE / PAGE_SIZE);
	check_memory_is_back(t, pages);

	dma_pool_trim(pool);
	CHECK_EQ(t, contract_usage(t, "pool").pages, pages_occupied(blocks),
		 "pages held after trim");
	for (i = 0; i < SPARSE; i++)
		contract_put(pool, &blocks[i]);
	dma_pool_destroy(pool);
}

static void use_all(struct contract *t, struct dma_pool *pool, unsigned int rounds)
{
	static struct dma_pool_block blocks[IN_USE];
	size_t i;

	while (rounds--) {
		for (i = 0; i < IN_USE; i++)
			blocks[i] = contract_block(t, pool, GFP_KERNEL);
		for (i = 0; i < IN_USE; i++)
			contract_put(pool, &blocks[i]);
	}
}

/* A page given back would have to be asked for again. */
static void a_pool_in_full_use_keeps_its_pages(struct contract *t)
{
	static const size_t sizes[] = { 64, 2048 };
	struct dma_pool *pool;
	size_t warm, i;

	needs_release(t);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		pages_watch(t->dev);
		pool = contract_pool(t, "pool", sizes[i], 0, 0);
		use_all(t, pool, WARM_UP);
		warm = pages_allocated();
		use_all(t, pool, ROUNDS);
		CHECK(t, pages_allocated() == warm, "size %zu: %zu pages asked for again",
		      sizes[i], pages_allocated() - warm);
		dma_pool_destroy(pool);
	}
}

/* A driver's mistake: the block's page stays, whatever becomes of the address. */
static void an_address_inside_a_block_costs_no_page_in_use(struct contract *t)
{
	static const struct {
		size_t size, inside;
	} wrong[] = { { 64, 16 }, { 64, 4 }, { 17, 16 }, { PAGE_SIZE, 2048 } };
	struct dma_pool_block block;
	struct dma_pool *pool;
	size_t i;

	needs_release(t);
	if (t->checked)
		contract_skip(t, "a checked pool does not take such an address");
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		pool = contract_pool(t, "pool", wrong[i].size, 0, 0);
		block = contract_block(t, pool, GFP_KERNEL);
		dma_pool_free(pool, block.vaddr + wrong[i].inside,
			      block.dma + wrong[i].inside);
		dma_pool_trim(pool);
		CHECK(t, strstr(contract_log(t), "(bad dma)\n"),
		      "size %zu: byte %zu is taken for a block", wrong[i].size,
		      wrong[i].inside);
		CHECK_EQ(t, contract_dma_outstanding(t->dev), PAGE_SIZE,
			 "bytes held for the block in use");
		contract_put(pool, &block);
		dma_pool_trim(pool);
		dma_pool_destroy(pool);
	}
}

const struct contract_test release_tests[] = {
	CONTRACT_TEST(a_sparse_pool_in_use_gives_pages_back),
	CONTRACT_TEST(a_pool_in_full_use_keeps_its_pages),
	CONTRACT_TEST(an_address_inside_a_block_costs_no_page_in_use),
	{ }
};
