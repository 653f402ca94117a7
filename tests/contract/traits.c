// SPDX-License-Identifier: GPL-2.0-only
/*
 * The variants' rules, one row each.  Who is not in the table, a user's own dmapool.c
 * or a core in the making, plays by mainline's present rules, or by what it shows
 * itself when tried.  Built once a variant, with its VARIANT_NAME.
 */
#include <linux/poison.h>

#include "contract.h"

/* Two magazines a CPU and the depot, as dmapool_ext.h says. */
static size_t stranded_in_magazines(size_t stride, unsigned int cpus)
{
	size_t magazine = clamp_t(size_t, 16384 / stride, 8, 127) * stride;

	return 2 * cpus * magazine + max(256UL << 10, 4 * magazine);
}

static const struct traits table[] = {
	{ "global_list", .debug = DEBUG_SWITCH, .strands_nothing = true,
	  .hostile_device = HOSTILE_MISLEADS },
	{ "page_chain", .debug = DEBUG_SWITCH, .strands_nothing = true,
	  .finds_page = true, .hostile_device = HOSTILE_MISLEADS },
	{ "percpu_magazine", .debug = DEBUG_SWITCH, .gives_back = true,
	  .hostile_device = HOSTILE_IN_VAIN, .most_stranded = stranded_in_magazines },
	{ "coherent_each", .strands_nothing = true, .block_per_page = true,
	  .hostile_device = HOSTILE_IN_VAIN },
	{ "null", .strands_nothing = true, .shares_block = true },

#define MAINLINE(name, ...)						\
	{ name, .strands_nothing = true,				\
	  .hostile_device = HOSTILE_MISLEADS, __VA_ARGS__ }
#define UPSTREAM(name, ...)						\
	MAINLINE(name, __VA_ARGS__),					\
	MAINLINE(name "-debug", .debug = DEBUG_BUILT_IN, __VA_ARGS__)
	UPSTREAM("upstream-6.1", .rules_6_1 = true, .finds_page = true),
	UPSTREAM("upstream-6.12", .reads_unlocked = true),
	UPSTREAM("upstream-7.2", .reads_unlocked = true),
};

/* What one block shows of the pool while it is out, and when it is back; if poisoned. */
static bool probe_block(struct device *dev, struct traits *traits)
{
	struct dma_pool *pool = dma_pool_create("probe", dev, 64, 0, 0);
	bool poisons = false;
	dma_addr_t dma;
	u8 *block;

	traits->pages_unseen = false;
	traits->strands_nothing = true;
	block = pool ? dma_pool_alloc(pool, GFP_KERNEL, &dma) : NULL;
	if (block) {
		/* Nobody but a checked pool does that. */
		poisons = block[63] == POOL_POISON_ALLOCATED;
		traits->pages_unseen = !contract_dma_outstanding(dev);
		dma_pool_free(pool, block, dma);
		traits->strands_nothing = !dma_pool_bytes_stranded(pool);
	}
	dma_pool_destroy(pool);
	return poisons;
}

/* Up to 6.3 a free block needs no more than an offset's four bytes. */
static bool plays_by_6_1(struct device *dev)
{
	struct dma_pool *pool = dma_pool_create("probe", dev, 1, 0, 0);
	struct pools_row row = { .stride = 0 };

	contract_pools_row(dev, "probe", &row);
	dma_pool_destroy(pool);
	return row.stride == 4;
}

static enum debug_kind debug_of(bool poisons)
{
	if (poisons)
		return DEBUG_BUILT_IN;
	if (!dma_pool_set_debug(true))
		return DEBUG_NEVER;
	dma_pool_set_debug(false);
	return DEBUG_SWITCH;
}

const struct traits contract_unprobed = { .name = VARIANT_NAME };

const struct traits *contract_traits(struct device *dev)
{
	static struct traits other = { .name = VARIANT_NAME };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table); i++)
		if (!strcmp(table[i].name, VARIANT_NAME))
			return &table[i];
	other.rules_6_1 = plays_by_6_1(dev);
	other.finds_page = other.rules_6_1;
	other.reads_unlocked = !strncmp(VARIANT_NAME, "upstream-", 9);
	other.debug = debug_of(probe_block(dev, &other));
	return &other;
}
