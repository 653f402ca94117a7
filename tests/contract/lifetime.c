// SPDX-License-Identifier: GPL-2.0-only
/* The end of a pool: by its driver, with its device, and while it is still in use. */
#include <linux/dma-mapping.h>

#include "contract.h"

#define NR_PAGES 3

static void destroy_of_null_does_nothing(struct contract *t)
{
	contract_needs_4_3(t);
	dma_pool_destroy(NULL);
}

static void destroy_gives_all_memory_back(struct contract *t)
{
	struct dma_pool_block blocks[20];
	struct dma_pool *pool;
	size_t i;

	contract_needs_pages_seen(t);
	pool = contract_pool(t, "pool", 1000, 0, 0);
	for (i = 0; i < ARRAY_SIZE(blocks); i++)
		blocks[i] = contract_block(t, pool, GFP_KERNEL);
	CHECK(t, contract_dma_outstanding(t->dev) > 0, "its blocks come from elsewhere");
	for (i = 0; i < ARRAY_SIZE(blocks); i++)
		contract_put(pool, &blocks[i]);
	dma_pool_destroy(pool);
	CHECK_EQ(t, contract_dma_outstanding(t->dev), 0, "bytes of coherent memory");
}

/* Frees all but the first page's block, destroys the pool; the bytes that are left. */
static size_t destroy_busy(struct contract *t, struct dma_pool_block *pages)
{
	struct dma_pool *pool = contract_pool(t, "busy pool", PAGE_SIZE, 0, 0);
	size_t i;

	for (i = 0; i < NR_PAGES; i++)
		pages[i] = contract_block(t, pool, GFP_KERNEL);
	for (i = 1; i < NR_PAGES; i++)
		contract_put(pool, &pages[i]);
	memset(pages[0].vaddr, 0x5a, PAGE_SIZE);
	dma_pool_destroy(pool);
	return contract_dma_outstanding(t->dev);
}

/* How many pages a busy pool leaves, of which left are; one of them is in use. */
static bool may_leave(const struct contract *t, size_t left)
{
	bool one = t->traits->block_per_page || contract_old(t, OLD_BUSY);

	return left == (one ? 1 : NR_PAGES) ||
	       (contract_either(t, OLD_BUSY) && left == 1);
}

/* The headers' going is for the check of what is left after every test. */
static void destroy_of_a_busy_pool_leaves_its_memory(struct contract *t)
{
	struct dma_pool_block pages[NR_PAGES];
	size_t left, i;

	contract_needs_own_blocks(t);
	contract_needs_pages_seen(t);
	left = destroy_busy(t, pages) / PAGE_SIZE;
	CHECK(t, may_leave(t, left), "%zu pages of %d are left to its user", left,
	      NR_PAGES);
	contract_log(t);
	CHECK_EQ(t, contract_differs(pages[0].vaddr, 0x5a, PAGE_SIZE), PAGE_SIZE,
		 "bytes of the block as they were");
	for (i = 0; i < left; i++)
		dma_free_coherent(t->dev, PAGE_SIZE, pages[i].vaddr, pages[i].dma);
}

static void destroy_of_a_busy_pool_is_reported(struct contract *t)
{
	struct dma_pool_block pages[NR_PAGES];
	const char *want = "dev0: dma_pool_destroy busy pool busy\n", *log;
	char old[80];
	size_t left, i;

	contract_needs_own_blocks(t);
	contract_needs_pages_seen(t);
	left = destroy_busy(t, pages) / PAGE_SIZE;
	scnprintf(old, sizeof(old), "dev0: dma_pool_destroy busy pool, %p busy\n",
		  pages[0].vaddr);
	log = contract_log(t);
	if (contract_old(t, OLD_BUSY) ||
	    (contract_either(t, OLD_BUSY) && !strcmp(log, old)))
		want = old;
	CHECK(t, !strcmp(log, want), "it is not \"%s\" but\n%s", want, log);
	for (i = 0; i < left; i++)
		dma_free_coherent(t->dev, PAGE_SIZE, pages[i].vaddr, pages[i].dma);
}

static struct dma_pool *managed(struct contract *t, struct device *dev, const char *name)
{
	struct dma_pool *pool = dmam_pool_create(name, dev, 64, 0, 0);
	struct dma_pool_block block;

	CHECK(t, pool, "dmam_pool_create gives nothing");
	block = contract_block(t, pool, GFP_KERNEL);
	contract_put(pool, &block);
	return pool;
}

static void managed_pools_go_with_their_device(struct contract *t)
{
	struct device *dev = contract_device_create("other");

	managed(t, dev, "first");
	managed(t, dev, "second");
	CHECK_EQ(t, contract_device_destroy(dev), 0, "bytes left behind");
}

static void a_managed_pool_can_go_before(struct contract *t)
{
	struct dma_pool *first = managed(t, t->dev, "first");
	struct dma_pool *second = managed(t, t->dev, "second");
	struct pools_row row;

	dmam_pool_destroy(first);
	CHECK(t, !contract_pools_row(t->dev, "first", &row), "it is still listed");
	contract_usage(t, "second");
	dmam_pool_destroy(second);
}

static void a_refused_managed_pool_leaves_nothing(struct contract *t)
{
	CHECK(t, !dmam_pool_create("pool", t->dev, 64, 3, 0), "align 3 is taken");
}

static void managed_destroy_of_an_unmanaged_pool_warns(struct contract *t)
{
	struct dma_pool *other, *pool;

	contract_needs_4_3(t);
	other = managed(t, t->dev, "other");
	pool = contract_pool(t, "pool", 64, 0, 0);
	dmam_pool_destroy(pool);
	CHECK_EQ(t, contract_warnings(t), 1, "warnings");
	CHECK(t, strstr(contract_log(t), "WARNING"), "the log does not say so");
	contract_usage(t, "pool");
	contract_usage(t, "other");
	dma_pool_destroy(pool);
	dmam_pool_destroy(other);
}

const struct contract_test lifetime_tests[] = {
	CONTRACT_TEST(destroy_of_null_does_nothing),
	CONTRACT_TEST(destroy_gives_all_memory_back),
	CONTRACT_TEST(destroy_of_a_busy_pool_leaves_its_memory),
	CONTRACT_TEST(destroy_of_a_busy_pool_is_reported),
	CONTRACT_TEST(managed_pools_go_with_their_device),
	CONTRACT_TEST(a_managed_pool_can_go_before),
	CONTRACT_TEST(a_refused_managed_pool_leaves_nothing),
	CONTRACT_TEST(managed_destroy_of_an_unmanaged_pool_warns),
	{ }
};
