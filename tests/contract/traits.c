// SPDX-License-Identifier: GPL-2.0-only
/*
 * The variants' rules, one row each.  Who is not in the table, a user's own dmapool.c
 * or a core in the making, plays by mainline's present rules, but for those of up to 6.3
 * that it shows when tried: a file between the two may play any mixture of them.  Built
 * once a variant, with its VARIANT_NAME.
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
	UPSTREAM("upstream-4.19", .old = OLD_RULES | OLD_INIT, .finds_page = true),
	UPSTREAM("upstream-5.10", .old = OLD_RULES, .finds_page = true),
	UPSTREAM("upstream-5.15", .old = OLD_RULES, .finds_page = true),
	UPSTREAM("upstream-6.1", .old = OLD_RULES, .finds_page = true),
	UPSTREAM("upstream-6.12", .reads_unlocked = true),
	UPSTREAM("upstream-7.2", .reads_unlocked = true),
	UPSTREAM("upstream-7.3", .reads_unlocked = true),
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
	contract_destroy(pool);
	return poisons;
}

size_t contract_blocks_per_page(struct device *dev, size_t size, size_t align,
				size_t boundary)
{
	struct dma_pool *pool = dma_pool_create("count", dev, size, align, boundary);
	struct dma_pool_block *blocks = kcalloc(PAGE_SIZE, sizeof(*blocks), GFP_KERNEL);
	struct pools_row row = { .pages = 1 };
	size_t nr = 0, i;

	while (pool && blocks && row.pages == 1 && nr < PAGE_SIZE) {
		blocks[nr].vaddr = dma_pool_alloc(pool, GFP_KERNEL, &blocks[nr].dma);
		if (!blocks[nr++].vaddr || !contract_pools_row(dev, "count", &row))
			break;
	}
	for (i = 0; i < nr; i++)
		if (blocks[i].vaddr)
			contract_put(pool, &blocks[i]);
	kfree(blocks);
	contract_destroy(pool);
	return nr ? nr - 1 : 0;
}

/* What the row in the pools file says of a pool of which one block is out. */
static struct pools_row probe_row(struct device *dev, size_t size, size_t align,
				  size_t boundary)
{
	struct dma_pool *pool = dma_pool_create("probe", dev, size, align, boundary);
	struct pools_row row = { .stride = 0 };
	struct dma_pool_block block;

	if (!pool)
		return row;
	block.vaddr = dma_pool_alloc(pool, GFP_KERNEL, &block.dma);
	contract_pools_row(dev, "probe", &row);
	if (block.vaddr)
		contract_put(pool, &block);
	dma_pool_destroy(pool);
	return row;
}

static bool takes_size(struct device *dev, size_t size)
{
	struct dma_pool *pool = dma_pool_create("probe", dev, size, 0, 0);

	contract_destroy(pool);
	return pool;
}

/* Up to 4.2 the flag is for the page source alone. */
static bool ignores_zero(struct device *dev)
{
	struct dma_pool *pool = dma_pool_create("probe", dev, 64, 0, 0);
	bool ignored = false;
	dma_addr_t dma;
	u8 *block;

	block = pool ? dma_pool_alloc(pool, GFP_KERNEL, &dma) : NULL;
	if (block) {
		memset(block, 0xff, 64);
		dma_pool_free(pool, block, dma);
		block = dma_pool_alloc(pool, GFP_KERNEL | __GFP_ZERO, &dma);
		ignored = contract_differs(block, 0, 64) < 64;
		dma_pool_free(pool, block, dma);
	}
	contract_destroy(pool);
	return ignored;
}

/*
 * The rules of up to 6.3 that the pool shows.  A missing device it is not asked for, and
 * where a checked one would poison what is not its own, it is not asked either.
 */
static unsigned int old_rules_of(struct device *dev, bool poisons)
{
	unsigned int old = 0;

	if (probe_row(dev, 1, 0, 0).stride == 4)
		old |= OLD_LEAST_SIZE;
	if (takes_size(dev, (size_t)INT_MAX + 1))
		old |= OLD_ANY_SIZE;
	if (contract_blocks_per_page(dev, 1024, 1024, 0) == 3)
		old |= OLD_WASTE;
	if (probe_row(dev, 100, 4, 256).blocks == 40)
		old |= OLD_COUNT;
	if (poisons ? old : contract_blocks_per_page(dev, 96, 32, 8192) == 43)
		old |= OLD_OVERRUN;
	/* Who breaks one rule is no older kernel's file: that lacks younger ones, too. */
	if (old && contract_ignores_init(dev))
		old |= OLD_INIT;
	if (old & OLD_INIT && ignores_zero(dev))
		old |= OLD_4_2;
	return old ? old | OLD_NO_DEVICE : 0;
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

const struct traits contract_unprobed = { .name = VARIANT_NAME, .either = OLD_BUSY };

const struct traits *contract_traits(struct device *dev)
{
	static struct traits other = { .name = VARIANT_NAME, .either = OLD_BUSY };
	bool poisons;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table); i++)
		if (!strcmp(table[i].name, VARIANT_NAME))
			return &table[i];
	other.reads_unlocked = !strncmp(VARIANT_NAME, "upstream-", 9);
	poisons = probe_block(dev, &other);
	other.debug = debug_of(poisons);
	other.old = old_rules_of(dev, poisons);
	return &other;
}
