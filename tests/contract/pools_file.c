// SPDX-License-Identifier: GPL-2.0-only
/* The device's "pools" file: there while it has pools, and in mainline's format. */
#include <linux/errno.h>

#include "contract.h"

static void check_file(struct contract *t, struct device *dev, const char *want)
{
	char buf[PAGE_SIZE];
	ssize_t length = contract_pools_file(dev, buf);

	CHECK(t, length > 0, "there is no pools file");
	CHECK(t, !strcmp(buf, want), "the pools file is\n%s, not\n%s", buf, want);
	CHECK_EQ(t, length, strlen(want), "its length");
}

static void check_no_file(struct contract *t, struct device *dev)
{
	char buf[PAGE_SIZE];

	CHECK(t, contract_pools_file(dev, buf) == -ENOENT, "there is a pools file:\n%s",
	      buf);
}

/* The one block that all share is there from the start. */
static const char *empty_row(struct contract *t, bool shared, const char *otherwise)
{
	return t->traits->shares_block == shared ? otherwise : "";
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

static void the_newest_pool_is_listed_first(struct contract *t)
{
	struct dma_pool *pools[3];

	if (t->traits->shares_block)
		contract_skip(t, "its rows have other figures");
	pools[0] = contract_pool(t, "oldest", 16, 0, 0);
	pools[1] = contract_pool(t, "middle", 256, 0, 0);
	pools[2] = contract_pool(t, "newest", 4096, 0, 0);
	check_file(t, t->dev, "poolinfo - 0.1\n"
		   "newest              0    0 4096  0\n"
		   "middle              0    0  256  0\n"
		   "oldest              0    0   16  0\n");
	dma_pool_destroy(pools[1]);
	check_file(t, t->dev, "poolinfo - 0.1\n"
		   "newest              0    0 4096  0\n"
		   "oldest              0    0   16  0\n");
	dma_pool_destroy(pools[0]);
	dma_pool_destroy(pools[2]);
}
