// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a pool that checks itself says, and that it goes on unharmed.  The second list
 * is of what dma_pool_set_debug() does, for pools that are told at run time.
 */
#include <asm/barrier.h>
#include <linux/poison.h>

#include "contract.h"

#define SIZE 64

static void needs_checks(struct contract *t)
{
	if (!t->checked)
		contract_skip(t, "this pool does not check itself");
}

/* Since 6.4 mainline looks at no more of an address than its page. */
static void needs_address_checks(struct contract *t)
{
	needs_checks(t);
	if (!contract_old(t, OLD_CHECKS) && t->traits->debug != DEBUG_SWITCH)
		contract_skip(t, "mainline does not check this since 6.4");
}

static void needs_corruption_checks(struct contract *t)
{
	needs_checks(t);
	contract_needs_4_3(t);
}

/* One line about the pool with all of what, and nothing else. */
static void check_report(struct contract *t, const char *what)
{
	const char *log = contract_log(t), *newline = strchr(log, '\n');

	CHECK(t, *log, "nothing is reported, not \"%s\"", what);
	CHECK(t, strstr(log, what), "this is reported, not \"%s\":\n%s", what, log);
	CHECK(t, strstr(log, "dev0: ") == log && strstr(log, " pool, "),
	      "the report does not name device and pool:\n%s", log);
	CHECK(t, newline && !newline[1], "there is more than one line:\n%s", log);
}

/* The pool is whole: its books balance and it hands out different blocks. */
static void check_goes_on(struct contract *t, struct dma_pool *pool, size_t active)
{
	struct dma_pool_block a, b;

	CHECK_EQ(t, contract_usage(t, "pool").active, active, "blocks in use");
	a = contract_block(t, pool, GFP_KERNEL);
	b = contract_block(t, pool, GFP_KERNEL);
	CHECK(t, a.dma != b.dma, "it hands the same block out twice");
	contract_put(pool, &a);
	contract_put(pool, &b);
}

static void blocks_are_poisoned(struct contract *t)
{
	struct dma_pool_block block;
	struct dma_pool *pool;
	size_t link = 16;

	needs_checks(t);
	pool = contract_pool(t, "pool", SIZE, 0, 0);
	block = contract_block(t, pool, GFP_KERNEL);
	CHECK_EQ(t, contract_differs(block.vaddr, POOL_POISON_ALLOCATED, SIZE), SIZE,
		 "bytes 0xa9 in a block handed out");
	contract_put(pool, &block);
	CHECK_EQ(t, contract_differs(block.vaddr + link, POOL_POISON_FREED, SIZE - link),
		 SIZE - link, "bytes 0xa7 in a free block");
	dma_pool_destroy(pool);
}

/* Writes to a free block, then has it handed out: the report. */
static const char *corrupt(struct contract *t, struct dma_pool *pool, size_t at)
{
	struct dma_pool_block block = contract_block(t, pool, GFP_KERNEL), again;
	const char *log;

	contract_put(pool, &block);
	((u8 *)block.vaddr)[at] ^= 0xff;
	again = contract_block(t, pool, GFP_KERNEL);
	log = contract_log(t);
	CHECK(t, again.dma == block.dma, "another block comes first");
	contract_put(pool, &again);
	return log;
}

static void every_byte_written_after_free_is_reported(struct contract *t)
{
	size_t first = contract_old(t, OLD_CHECKS) ? 4 : 16, at;
	struct dma_pool *pool;
	const char *log;

	needs_corruption_checks(t);
	pool = contract_pool(t, "pool", SIZE, 0, 0);
	for (at = first; at < SIZE; at++) {
		log = corrupt(t, pool, at);
		CHECK(t, strstr(log, "(corrupted)\n"), "byte %zu: nothing said", at);
		CHECK(t, strstr(log, "dev0: ") == log && strstr(log, " pool, "),
		      "the report does not name device and pool:\n%s", log);
	}
	dma_pool_destroy(pool);
}

static void a_corrupted_block_is_dumped(struct contract *t)
{
	struct dma_pool *pool;
	const char *log;

	needs_corruption_checks(t);
	pool = contract_pool(t, "pool", SIZE, 0, 0);
	log = corrupt(t, pool, 20);
	CHECK(t, strstr(log, "00000010: a7 a7 a7 a7 58 a7 a7 a7 a7 a7 a7 a7 a7 a7 a7 a7"),
	      "no dump of the written byte:\n%s", log);
	CHECK(t, strstr(log, "\n00000000: ") && strstr(log, "\n00000030: ") &&
	      !strstr(log, "\n00000040: "), "no dump of all the block:\n%s", log);
	dma_pool_destroy(pool);
}

static void corruption_is_found_by_bulk_calls_too(struct contract *t)
{
	struct dma_pool_block block;
	struct dma_pool *pool;

	needs_corruption_checks(t);
	pool = contract_pool(t, "pool", SIZE, 0, 0);
	block = contract_block(t, pool, GFP_KERNEL);
	contract_put(pool, &block);
	memset(block.vaddr + 32, 0, 4);
	CHECK_EQ(t, dma_pool_alloc_bulk(pool, GFP_KERNEL, 1, &block), 1, "blocks");
	CHECK(t, strstr(contract_log(t), "(corrupted)\n"), "nothing said");
	dma_pool_free_bulk(pool, 1, &block);
	dma_pool_destroy(pool);
}

static void an_address_of_no_page_is_bad_dma(struct contract *t)
{
	struct dma_pool_block block;
	struct dma_pool *pool;

	if (!t->traits->finds_page)
		needs_checks(t);
	pool = contract_pool(t, "pool", SIZE, 0, 0);
	block = contract_block(t, pool, GFP_KERNEL);
	dma_pool_free(pool, block.vaddr, block.dma + (1ULL << 40));
	check_report(t, "(bad dma)\n");
	dma_pool_free(pool, block.vaddr, block.dma - PAGE_SIZE);
	check_report(t, "(bad dma)\n");
	check_goes_on(t, pool, 1);
	contract_put(pool, &block);
	dma_pool_destroy(pool);
}

static void an_address_inside_a_block_is_bad_dma(struct contract *t)
{
	struct dma_pool_block block;
	struct dma_pool *pool;

	if (t->traits->debug != DEBUG_SWITCH)
		contract_skip(t, "mainline does not check this");
	pool = contract_pool(t, "pool", 96, 32, 256);
	block = contract_block(t, pool, GFP_KERNEL);
	dma_pool_free(pool, block.vaddr + 1, block.dma + 1);
	check_report(t, "(bad dma)\n");
	/* Between the last block before a boundary and the boundary. */
	dma_pool_free(pool, block.vaddr + 192, block.dma + 192);
	check_report(t, "(bad dma)\n");
	check_goes_on(t, pool, 1);
	contract_put(pool, &block);
	dma_pool_destroy(pool);
}

static void another_blocks_vaddr_is_bad_vaddr(struct contract *t)
{
	struct dma_pool_block block;
	struct dma_pool *pool;

	needs_address_checks(t);
	pool = contract_pool(t, "pool", SIZE, 0, 0);
	block = contract_block(t, pool, GFP_KERNEL);
	dma_pool_free(pool, block.vaddr + SIZE, block.dma);
	check_report(t, "(bad vaddr)");
	check_goes_on(t, pool, 1);
	contract_put(pool, &block);
	dma_pool_destroy(pool);
}

static void check_already_free(struct contract *t, struct dma_pool *pool,
			       const struct dma_pool_block *block)
{
	char want[64];

	/* With 0x and zeros in front since 5.0. */
	scnprintf(want, sizeof(want), "%llx already free\n",
		  (unsigned long long)block->dma);
	contract_put(pool, block);
	check_report(t, want);
}

static void a_second_free_is_reported(struct contract *t)
{
	struct dma_pool_block block;
	struct dma_pool *pool;

	needs_checks(t);
	pool = contract_pool(t, "pool", SIZE, 0, 0);
	block = contract_block(t, pool, GFP_KERNEL);
	contract_put(pool, &block);
	check_already_free(t, pool, &block);
	check_goes_on(t, pool, 0);
	dma_pool_destroy(pool);
}

/* More than a page's blocks are freed between the first free and the second. */
static void a_second_free_long_after_is_reported(struct contract *t)
{
	struct dma_pool_block blocks[100];
	struct dma_pool *pool;
	size_t i;

	needs_checks(t);
	pool = contract_pool(t, "pool", SIZE, 0, 0);
	for (i = 0; i < ARRAY_SIZE(blocks); i++)
		blocks[i] = contract_block(t, pool, GFP_KERNEL);
	for (i = 0; i < ARRAY_SIZE(blocks); i++)
		contract_put(pool, &blocks[i]);
	for (i = 0; i < ARRAY_SIZE(blocks); i++)
		check_already_free(t, pool, &blocks[i]);
	check_goes_on(t, pool, 0);
	dma_pool_destroy(pool);
}

static void a_free_before_any_alloc_is_reported(struct contract *t)
{
	struct dma_pool_block block, never;
	struct dma_pool *pool;

	needs_checks(t);
	pool = contract_pool(t, "pool", SIZE, 0, 0);
	block = contract_block(t, pool, GFP_KERNEL);
	never = (struct dma_pool_block) { block.vaddr + SIZE, block.dma + SIZE };
	check_already_free(t, pool, &never);
	check_goes_on(t, pool, 1);
	contract_put(pool, &block);
	dma_pool_destroy(pool);
}

static void a_second_free_in_bulk_is_reported(struct contract *t)
{
	struct dma_pool_block blocks[3];
	struct dma_pool *pool;

	needs_checks(t);
	pool = contract_pool(t, "pool", SIZE, 0, 0);
	CHECK_EQ(t, dma_pool_alloc_bulk(pool, GFP_KERNEL, 2, blocks), 2, "blocks");
	blocks[2] = blocks[0];
	dma_pool_free_bulk(pool, 3, blocks);
	check_report(t, "already free\n");
	check_goes_on(t, pool, 0);
	dma_pool_destroy(pool);
}

const struct contract_test debug_tests[] = {
	CONTRACT_TEST(blocks_are_poisoned),
	CONTRACT_TEST(every_byte_written_after_free_is_reported),
	CONTRACT_TEST(a_corrupted_block_is_dumped),
	CONTRACT_TEST(corruption_is_found_by_bulk_calls_too),
	CONTRACT_TEST(an_address_of_no_page_is_bad_dma),
	CONTRACT_TEST(an_address_inside_a_block_is_bad_dma),
	CONTRACT_TEST(another_blocks_vaddr_is_bad_vaddr),
	CONTRACT_TEST(a_second_free_is_reported),
	CONTRACT_TEST(a_second_free_long_after_is_reported),
	CONTRACT_TEST(a_free_before_any_alloc_is_reported),
	CONTRACT_TEST(a_second_free_in_bulk_is_reported),
	{ }
};

/* Whether the pool poisons, as only a checked one does. */
static bool poisons(struct contract *t, struct dma_pool *pool)
{
	struct dma_pool_block block = contract_block(t, pool, GFP_KERNEL);
	size_t poisoned = contract_differs(block.vaddr, POOL_POISON_ALLOCATED, SIZE);

	memset(block.vaddr, 0, SIZE);
	contract_put(pool, &block);
	return poisoned == SIZE;
}

static void the_switch_says_whether_it_is_one(struct contract *t)
{
	bool is_one = t->traits->debug == DEBUG_SWITCH;

	CHECK_EQ(t, dma_pool_set_debug(true), is_one, "switching on says");
	CHECK_EQ(t, dma_pool_set_debug(false), is_one, "switching off says");
}

static void the_switch_leaves_existing_pools_as_they_are(struct contract *t)
{
	struct dma_pool *before, *during, *after;

	if (t->traits->debug != DEBUG_SWITCH)
		contract_skip(t, "there is no switch at run time");
	dma_pool_set_debug(false);
	before = contract_pool(t, "before", SIZE, 0, 0);
	dma_pool_set_debug(true);
	during = contract_pool(t, "during", SIZE, 0, 0);
	CHECK(t, !poisons(t, before), "a pool made before is checked");
	CHECK(t, poisons(t, during), "a pool made while it is on is not checked");
	dma_pool_set_debug(false);
	after = contract_pool(t, "after", SIZE, 0, 0);
	CHECK(t, !poisons(t, before), "a pool made before is checked now");
	CHECK(t, poisons(t, during), "a pool made while it was on no longer is");
	CHECK(t, !poisons(t, after), "a pool made when it was off again is checked");
	dma_pool_destroy(after);
	dma_pool_destroy(during);
	dma_pool_destroy(before);
}

static void switch_on(void *arg)
{
	dma_pool_set_debug(true);
	smp_store_release((bool *)arg, true);
}

/* A pool that is half checked would call its first block free already. */
static void a_pool_made_meanwhile_is_checked_or_is_not(struct contract *t)
{
	struct dma_pool *pools[64];
	struct dma_pool_block blocks[ARRAY_SIZE(pools)];
	struct contract_thread *thread;
	bool is_on = false;
	size_t nr = 0;

	if (t->traits->debug != DEBUG_SWITCH)
		contract_skip(t, "there is no switch at run time");
	thread = contract_thread_start(switch_on, &is_on);
	CHECK(t, thread, "there is no thread");
	while (!smp_load_acquire(&is_on) && nr < ARRAY_SIZE(pools)) {
		pools[nr] = contract_pool(t, "pool", SIZE, 0, 0);
		blocks[nr] = contract_block(t, pools[nr], GFP_KERNEL);
		nr++;
		contract_sleep_ms(1);
	}
	contract_thread_join(thread);
	while (nr--) {
		contract_put(pools[nr], &blocks[nr]);
		dma_pool_destroy(pools[nr]);
	}
}

const struct contract_test switch_tests[] = {
	CONTRACT_TEST(the_switch_says_whether_it_is_one),
	CONTRACT_TEST(the_switch_leaves_existing_pools_as_they_are),
	CONTRACT_TEST(a_pool_made_meanwhile_is_checked_or_is_not),
	{ }
};
