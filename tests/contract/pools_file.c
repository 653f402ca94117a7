// SPDX-License-Identifier: GPL-2.0-only
/* The device's "pools" file: there while it has pools, and in mainline's format. */
#include <linux/errno.h>

#include "contract.h"

static void check_file(struct contract *t, const char *want)
{
	char buf[PAGE_SIZE];
	ssize_t length = contract_pools_file(t->dev, buf);

	CHECK(t, length > 0, "there is no pools file");
	CHECK(t, !strcmp(buf, want), "the pools file is\n%snot\n%s", buf, want);
	CHECK_EQ(t, length, strlen(want), "its length");
}

static void check_no_file(struct contract *t, struct device *dev)
{
	char buf[PAGE_SIZE];

	CHECK(t, contract_pools_file(dev, buf) == -ENOENT, "there is a pools file:\n%s",
	      buf);
}

static void the_file_is_there_while_there_are_pools(struct contract *t)
{
	struct dma_pool *first, *second;

	check_no_file(t, t->dev);
	first = contract_pool(t, "first", 64, 0, 0);
	second = contract_pool(t, "second", 64, 0, 0);
	dma_pool_destroy(first);
	contract_usage(t, "second");
	dma_pool_destroy(second);
	check_no_file(t, t->dev);
	first = contract_pool(t, "first", 64, 0, 0);
	contract_usage(t, "first");
	dma_pool_destroy(first);
	check_no_file(t, t->dev);
}

/* The block that all share is there from the start, in its page. */
static const char *by_kind(struct contract *t, const char *shares_block,
			   const char *block_per_page, const char *others)
{
	if (t->traits->shares_block)
		return shares_block;
	return t->traits->block_per_page ? block_per_page : others;
}

static void the_newest_pool_is_listed_first(struct contract *t)
{
	struct dma_pool *pools[3];

	pools[0] = contract_pool(t, "oldest", 16, 0, 0);
	pools[1] = contract_pool(t, "a name longer than its column", 256, 0, 0);
	pools[2] = contract_pool(t, "newest", 20000, 0, 0);
	check_file(t, by_kind(t, "poolinfo - 0.1\n"
			      "newest              0    1 20000  1\n"
			      "a name longer than its column    0    1  256  1\n"
			      "oldest              0    1   16  1\n", NULL, NULL) ?:
		   "poolinfo - 0.1\n"
		   "newest              0    0 20000  0\n"
		   "a name longer than its column    0    0  256  0\n"
		   "oldest              0    0   16  0\n");
	dma_pool_destroy(pools[1]);
	dma_pool_destroy(pools[2]);
	check_file(t, by_kind(t, "poolinfo - 0.1\n"
			      "oldest              0    1   16  1\n", NULL, NULL) ?:
		   "poolinfo - 0.1\n"
		   "oldest              0    0   16  0\n");
	dma_pool_destroy(pools[0]);
}

static void a_row_counts_blocks_and_pages(struct contract *t)
{
	struct dma_pool *pool = contract_pool(t, "pool", 2000, 0, 0);
	struct dma_pool_block blocks[3];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(blocks); i++)
		blocks[i] = contract_block(t, pool, GFP_KERNEL);
	check_file(t, by_kind(t, "poolinfo - 0.1\npool                0    1 2000  1\n",
			      "poolinfo - 0.1\npool                3    3 2000  3\n",
			      "poolinfo - 0.1\npool                3    4 2000  2\n"));
	for (i = 0; i < ARRAY_SIZE(blocks); i++)
		contract_put(pool, &blocks[i]);
	CHECK_EQ(t, contract_usage(t, "pool").active, 0, "blocks in use");
	dma_pool_destroy(pool);
}

/* Up to 6.3 blocks are counted that a boundary leaves no room for. */
static void a_row_counts_the_blocks_a_boundary_leaves(struct contract *t)
{
	struct dma_pool *pool = contract_pool(t, "pool", 100, 4, 256);
	struct dma_pool_block block = contract_block(t, pool, GFP_KERNEL);

	check_file(t, by_kind(t, "poolinfo - 0.1\npool                0    1  100  1\n",
			      "poolinfo - 0.1\npool                1    1  100  1\n",
			      contract_old(t, OLD_COUNT) ?
			      "poolinfo - 0.1\npool                1   40  100  1\n" :
			      "poolinfo - 0.1\npool                1   32  100  1\n"));
	contract_put(pool, &block);
	dma_pool_destroy(pool);
}

static void devices_have_files_of_their_own(struct contract *t)
{
	struct device *other = contract_device_create("other");
	struct dma_pool *pool = contract_pool(t, "pool", 64, 0, 0), *others;
	struct pools_row row;

	check_no_file(t, other);
	others = dma_pool_create("others", other, 64, 0, 0);
	CHECK(t, contract_pools_row(other, "others", &row), "not in its device's file");
	CHECK(t, !contract_pools_row(t->dev, "others", &row), "in another device's file");
	dma_pool_destroy(pool);
	check_no_file(t, t->dev);
	CHECK(t, contract_pools_row(other, "others", &row), "gone with another's pool");
	dma_pool_destroy(others);
	CHECK_EQ(t, contract_device_destroy(other), 0, "bytes left behind");
}

static void more_pools_than_a_page_takes_cut_the_file(struct contract *t)
{
	struct dma_pool *pools[150];
	char buf[PAGE_SIZE];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(pools); i++)
		pools[i] = contract_pool(t, "pool", 64, 0, 0);
	CHECK_EQ(t, contract_pools_file(t->dev, buf), PAGE_SIZE - 1, "its length");
	for (i = 0; i < ARRAY_SIZE(pools); i++)
		dma_pool_destroy(pools[i]);
}

const struct contract_test pools_file_tests[] = {
	CONTRACT_TEST(the_file_is_there_while_there_are_pools),
	CONTRACT_TEST(the_newest_pool_is_listed_first),
	CONTRACT_TEST(a_row_counts_blocks_and_pages),
	CONTRACT_TEST(a_row_counts_the_blocks_a_boundary_leaves),
	CONTRACT_TEST(devices_have_files_of_their_own),
	CONTRACT_TEST(more_pools_than_a_page_takes_cut_the_file),
	{ }
};
