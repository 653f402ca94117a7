// SPDX-License-Identifier: GPL-2.0-only
/* The rules of dma_pool_create(): what is refused, and the stride of what is not. */
#include <linux/errno.h>

#include "contract.h"

struct rule {
	size_t size, align, boundary;
	size_t old_stride, stride;	/* up to 6.3 and since; 0 is refused */
};

/* The stride a pool comes out with, as its row in the pools file says; 0 if refused. */
static size_t stride_of(struct contract *t, const struct rule *rule)
{
	struct dma_pool *pool;
	struct pools_row row;

	pool = dma_pool_create("rule", t->dev, rule->size, rule->align, rule->boundary);
	if (!pool)
		return 0;
	row = contract_usage(t, "rule");
	dma_pool_destroy(pool);
	return row.stride;
}

static void check_rules(struct contract *t, enum old_rule which, const struct rule *rules,
			size_t nr)
{
	const struct rule *rule;
	size_t got, want;

	for (rule = rules; rule < rules + nr; rule++) {
		got = stride_of(t, rule);
		want = contract_old(t, which) ? rule->old_stride : rule->stride;
		CHECK(t, got == want,
		      "size %zu, align %zu, boundary %zu: stride %zu, not %zu (0: no)",
		      rule->size, rule->align, rule->boundary, got, want);
	}
}

static void create_needs_a_device(struct contract *t)
{
	if (contract_old(t, OLD_NO_DEVICE))
		contract_skip(t, "up to 6.3 a missing device is not checked for");
	CHECK(t, !dma_pool_create("pool", NULL, 64, 0, 0), "no device, but a pool");
	CHECK(t, !dma_pool_create_node("pool", NULL, 64, 0, 0, NUMA_NO_NODE),
	      "no device, but a pool on a node");
}

static void create_takes_align_0_as_1(struct contract *t)
{
	static const struct rule rules[] = {
		{ 17, 0, 0, 17, 17 },
		{ 17, 1, 0, 17, 17 },
	};

	check_rules(t, OLD_LEAST_SIZE, rules, ARRAY_SIZE(rules));
}

static void create_refuses_align_not_power_of_two(struct contract *t)
{
	static const struct rule rules[] = {
		{ 64, 3, 0, 0, 0 },
		{ 64, 24, 0, 0, 0 },
		{ 64, 4095, 0, 0, 0 },
		{ 64, SIZE_MAX, 0, 0, 0 },
	};

	check_rules(t, OLD_LEAST_SIZE, rules, ARRAY_SIZE(rules));
}

static void create_refuses_size_0(struct contract *t)
{
	static const struct rule rules[] = {
		{ 0, 0, 0, 0, 0 },
		{ 0, 64, 4096, 0, 0 },
	};

	check_rules(t, OLD_LEAST_SIZE, rules, ARRAY_SIZE(rules));
}

static void create_refuses_size_above_int_max(struct contract *t)
{
	static const struct rule rules[] = {
		{ (size_t)INT_MAX + 1, 0, 0, (size_t)INT_MAX + 1, 0 },
		{ SIZE_MAX, 0, 0, SIZE_MAX, 0 },
	};

	check_rules(t, OLD_ANY_SIZE, rules, ARRAY_SIZE(rules));
}

static void create_takes_size_int_max(struct contract *t)
{
	static const struct rule rules[] = {
		{ INT_MAX, 0, 0, INT_MAX, INT_MAX },
	};

	if (t->traits->shares_block)
		contract_skip(t, "its block comes with the pool: none is that large");
	check_rules(t, OLD_ANY_SIZE, rules, ARRAY_SIZE(rules));
}

static void create_raises_size_to_the_least(struct contract *t)
{
	static const struct rule rules[] = {
		{ 1, 0, 0, 4, 16 },
		{ 3, 1, 0, 4, 16 },
		{ 4, 0, 0, 4, 16 },
		{ 5, 0, 0, 5, 16 },
		{ 15, 0, 0, 15, 16 },
		{ 16, 0, 0, 16, 16 },
	};

	check_rules(t, OLD_LEAST_SIZE, rules, ARRAY_SIZE(rules));
}

static void create_rounds_size_up_to_align(struct contract *t)
{
	static const struct rule rules[] = {
		{ 1, 64, 0, 64, 64 },
		{ 20, 8, 0, 24, 24 },
		{ 64, 64, 0, 64, 64 },
		{ 65, 64, 0, 128, 128 },
		{ 68, 32, 4096, 96, 96 },
		{ 64, 8192, 0, 8192, 8192 },
		{ 5000, 0, 0, 5000, 5000 },
		{ 5001, 16, 0, 5008, 5008 },
	};

	check_rules(t, OLD_LEAST_SIZE, rules, ARRAY_SIZE(rules));
}

static void create_refuses_boundary_below_stride(struct contract *t)
{
	static const struct rule rules[] = {
		{ 64, 0, 32, 0, 0 },
		{ 64, 0, 1, 0, 0 },
		{ 8, 64, 32, 0, 0 },		/* above the size, below the stride */
		{ 5000, 0, 4096, 0, 0 },
	};

	check_rules(t, OLD_LEAST_SIZE, rules, ARRAY_SIZE(rules));
}

static void create_refuses_boundary_not_power_of_two(struct contract *t)
{
	static const struct rule rules[] = {
		{ 64, 0, 96, 0, 0 },
		{ 64, 0, 4097, 0, 0 },
		{ 5000, 0, 5000, 0, 0 },
	};

	check_rules(t, OLD_LEAST_SIZE, rules, ARRAY_SIZE(rules));
}

static void create_takes_boundary_from_stride_up(struct contract *t)
{
	static const struct rule rules[] = {
		{ 64, 0, 64, 64, 64 },
		{ 33, 64, 64, 64, 64 },
		{ 64, 0, 4096, 64, 64 },
		{ 64, 0, 8192, 64, 64 },
		{ 5000, 0, 8192, 5000, 5000 },
	};

	check_rules(t, OLD_LEAST_SIZE, rules, ARRAY_SIZE(rules));
}

static void a_refused_pool_leaves_no_file(struct contract *t)
{
	char buf[PAGE_SIZE];

	CHECK(t, !dma_pool_create("pool", t->dev, 64, 3, 0), "align 3 is taken");
	CHECK(t, contract_pools_file(t->dev, buf) == -ENOENT, "a refused pool left:\n%s",
	      buf);
}

static void name_is_cut_to_31_characters(struct contract *t)
{
	static const char cut[] = "abcdefghijklmnopqrstuvwxyz01234";
	struct dma_pool *pool =
		contract_pool(t, "abcdefghijklmnopqrstuvwxyz0123456789", 64, 0, 0);
	struct dma_pool *fits = contract_pool(t, cut + 1, 64, 0, 0);

	contract_usage(t, cut);
	contract_usage(t, cut + 1);
	dma_pool_destroy(fits);
	dma_pool_destroy(pool);
}

static void create_node_plays_by_the_same_rules(struct contract *t)
{
	struct dma_pool *pool = dma_pool_create_node("pool", t->dev, 20, 8, 0, 0);
	struct dma_pool_block block;

	CHECK(t, pool, "a pool on node 0 is refused");
	CHECK_EQ(t, contract_usage(t, "pool").stride, 24, "stride on node 0");
	block = contract_block(t, pool, GFP_KERNEL);
	contract_put(pool, &block);
	dma_pool_destroy(pool);
	CHECK(t, !dma_pool_create_node("pool", t->dev, 64, 3, 0, 0),
	      "align 3 is taken on node 0");
}

const struct contract_test rules_tests[] = {
	CONTRACT_TEST(create_needs_a_device),
	CONTRACT_TEST(create_takes_align_0_as_1),
	CONTRACT_TEST(create_refuses_align_not_power_of_two),
	CONTRACT_TEST(create_refuses_size_0),
	CONTRACT_TEST(create_refuses_size_above_int_max),
	CONTRACT_TEST(create_takes_size_int_max),
	CONTRACT_TEST(create_raises_size_to_the_least),
	CONTRACT_TEST(create_rounds_size_up_to_align),
	CONTRACT_TEST(create_refuses_boundary_below_stride),
	CONTRACT_TEST(create_refuses_boundary_not_power_of_two),
	CONTRACT_TEST(create_takes_boundary_from_stride_up),
	CONTRACT_TEST(a_refused_pool_leaves_no_file),
	CONTRACT_TEST(name_is_cut_to_31_characters),
	CONTRACT_TEST(create_node_plays_by_the_same_rules),
	{ }
};
