/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the contract's checks are written against: the pool API, a fresh device a
 * check, and the few calls below for what surrounds them.  Here that is cmocka and the
 * shim (main.c); a kernel's test framework can take its place.
 */
#ifndef TESTS_CONTRACT_H
#define TESTS_CONTRACT_H

#include <linux/device.h>
#include <linux/dmapool.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "variants/dmapool_ext.h"

enum debug_kind {
	DEBUG_NEVER,
	DEBUG_BUILT_IN,			/* when it was compiled */
	DEBUG_SWITCH,			/* dma_pool_set_debug() */
};

/* What becomes of a pool whose free blocks a device writes to. */
enum hostile_kind {
	HOSTILE_UNKNOWN,		/* it is tried, and told */
	HOSTILE_MISLEADS,		/* wrong blocks are handed out */
	HOSTILE_IN_VAIN,
};

/* What kernels up to 6.3 did and mainline no longer does. */
enum old_rule {
	OLD_LEAST_SIZE		= 1 << 0,	/* of four bytes */
	OLD_ANY_SIZE		= 1 << 1,	/* above INT_MAX, too */
	OLD_WASTE		= 1 << 2,	/* of a block that ends at a boundary */
	OLD_OVERRUN		= 1 << 3,	/* of the page, by a boundary past it */
	OLD_COUNT		= 1 << 4,	/* of blocks that no page has room for */
	OLD_NO_DEVICE		= 1 << 5,	/* is a crash, and not refused */
	OLD_BUSY		= 1 << 6,	/* destroy leaves and names used pages */
	OLD_CHECKS		= 1 << 7,	/* from byte 4, and of the vaddr */
	/* Older than 6.1. */
	OLD_INIT		= 1 << 8,	/* up to 5.2: no init_on_alloc, -free */
	OLD_4_2			= 1 << 9,	/* what came from 2.6.32 to 4.3 lacks */
};

/* Those of 6.1. */
#define OLD_RULES	(2 * OLD_CHECKS - 1)

/* By which rules a variant plays. */
struct traits {
	const char *name;
	unsigned int old;		/* rules that it plays as kernels up to 6.3 */
	unsigned int either;		/* rules that it may play either way */
	bool shares_block;		/* hands the same block to everyone */
	bool block_per_page;		/* every block is coherent memory of its own */
	bool pages_unseen;		/* by contract_dma_outstanding() */
	bool finds_page;		/* of a freed block, checked or not */
	bool strands_nothing;		/* keeps no free block from any CPU */
	bool gives_back;		/* pages, unasked */
	bool reads_unlocked;		/* the pools file reads counters under no lock */
	enum debug_kind debug;
	enum hostile_kind hostile_device;
	/* Bytes in caches at most, after so many CPUs; NULL if none or nobody said. */
	size_t (*most_stranded)(size_t stride, unsigned int cpus);
};

struct contract {
	struct device *dev;
	const struct traits *traits;
	bool checked;			/* pools made now check themselves */
	char why[256];			/* see contract_why() */
};

struct contract_test {
	const char *name;
	void (*run)(struct contract *t);
};

/* A file's tests, up to the one without a name. */
#define CONTRACT_TEST(function)	{ #function, function }
extern const struct contract_test hostile_tests[], rules_tests[], layout_tests[],
	blocks_tests[], bulk_tests[], pools_file_tests[], lifetime_tests[], debug_tests[],
	switch_tests[], init_tests[], trim_tests[], phases_tests[], release_tests[],
	stranded_tests[], meanwhile_tests[], failure_tests[], context_tests[],
	threads_tests[], irq_tests[];

/* A pool's line in the pools file. */
struct pools_row {
	size_t active, blocks, stride, pages;
};

/* That a call does not return, unless something says so that gcc does not ask. */
#ifndef ENDS_TEST
#define ENDS_TEST	__attribute__((__noreturn__))
#endif

/**
 * contract_fail - end the test as failed
 * @t: the test
 * @file: where it found out
 * @line: of @file
 * @fmt: what is wrong, as for printf
 *
 * Context: the thread that runs the test.  Does not return.
 */
ENDS_TEST __printf(4, 5)
void contract_fail(struct contract *t, const char *file, int line, const char *fmt, ...);

/* Ends the test as not applying to this variant or build, with the reason. */
ENDS_TEST
void contract_skip(struct contract *t, const char *reason);

/* Formats what is wrong into the test and returns it, for checks that are tried on. */
__printf(2, 3)
const char *contract_why(struct contract *t, const char *fmt, ...);

#define CHECK(t, truth, fmt, ...)						\
	do {									\
		if (!(truth))							\
			contract_fail(t, __FILE__, __LINE__, fmt, ##__VA_ARGS__); \
	} while (0)

#define CHECK_EQ(t, got, want, what)						\
	do {									\
		unsigned long long __got = (got), __want = (want);		\
										\
		CHECK(t, __got == __want, "%s: %llu, not %llu", what, __got, __want); \
	} while (0)

/* For the result of a check that is tried on: NULL, or what is wrong. */
#define CHECK_HOLDS(t, expr)							\
	do {									\
		const char *__why = (expr);					\
										\
		CHECK(t, !__why, "%s", __why);					\
	} while (0)

/*
 * What the log and the warnings got since they were asked for last.  What a test has
 * not asked for when it ends fails it.
 */
const char *contract_log(struct contract *t);
unsigned int contract_warnings(struct contract *t);

/* Another device than the test's; the bytes of coherent memory it still has out. */
struct device *contract_device_create(const char *name);
size_t contract_device_destroy(struct device *dev);
size_t contract_dma_outstanding(struct device *dev);

/* Lets time pass; may sleep. */
void contract_sleep_ms(unsigned int ms);

/*
 * A thread beside the test's, on another CPU if there is one; NULL if it cannot be had.
 * It may not end the test.  Every one is joined, once.
 */
struct contract_thread *contract_thread_start(void (*work)(void *arg), void *arg);
void contract_thread_join(struct contract_thread *thread);

/* Whether a thread's CPU, and what a pool keeps for it, is still there afterwards. */
bool contract_cpus_stay(void);

/* Memory is short: shrinkers are asked for so many pages; how many they gave. */
unsigned long contract_shrink(unsigned long pages);

/* Reads the pools file into buf (PAGE_SIZE bytes): its length, or -ENOENT. */
ssize_t contract_pools_file(struct device *dev, char *buf);
/* A pool's row in it; false if there is none. */
bool contract_pools_row(struct device *dev, const char *name, struct pools_row *row);

/*
 * The n-th call of this thread's that can run out of memory fails, 1 being the next; 0:
 * none does.  Returns how many were still to go before the failure, 0 if it has struck.
 */
unsigned int contract_fail_nth(unsigned int n);

/* Objects of kmalloc's not yet freed; 0 where something else looks for leaks. */
long contract_objects_outstanding(void);

/* Whether a DMA address is that of a virtual one. */
bool contract_same_memory(const void *vaddr, dma_addr_t dma);

/* Whether the pool does nothing of init_on_alloc, nor, where that shows, init_on_free. */
bool contract_ignores_init(struct device *dev);

/* The rules of the variant under test, tried out on dev if the table has no row. */
const struct traits *contract_traits(struct device *dev);
/* What is taken for them where it does not survive that. */
extern const struct traits contract_unprobed;

/* How many blocks of a fresh pool come before its second page; 0 if it is refused. */
size_t contract_blocks_per_page(struct device *dev, size_t size, size_t align,
				size_t boundary);

/* A pool that must come to be. */
static inline struct dma_pool *contract_pool(struct contract *t, const char *name,
					     size_t size, size_t align, size_t boundary)
{
	struct dma_pool *pool = dma_pool_create(name, t->dev, size, align, boundary);

	CHECK(t, pool, "dma_pool_create(\"%s\", %zu, %zu, %zu) is refused", name, size,
	      align, boundary);
	return pool;
}

/* A pool that may not have come to be: up to 4.2 dma_pool_destroy(NULL) crashed. */
static inline void contract_destroy(struct dma_pool *pool)
{
	if (pool)
		dma_pool_destroy(pool);
}

/* A block that must be had. */
static inline struct dma_pool_block contract_block(struct contract *t,
						   struct dma_pool *pool, gfp_t gfp)
{
	struct dma_pool_block block;

	block.vaddr = dma_pool_alloc(pool, gfp, &block.dma);
	CHECK(t, block.vaddr, "dma_pool_alloc gives nothing");
	return block;
}

static inline void contract_put(struct dma_pool *pool, const struct dma_pool_block *block)
{
	dma_pool_free(pool, block->vaddr, block->dma);
}

static inline struct pools_row contract_usage(struct contract *t, const char *name)
{
	struct pools_row row;

	CHECK(t, contract_pools_row(t->dev, name, &row), "%s is not in the pools file",
	      name);
	return row;
}

static inline void contract_needs_own_blocks(struct contract *t)
{
	if (t->traits->shares_block)
		contract_skip(t, "it hands out the same block to everyone");
}

/* Whether the variant plays a rule as kernels up to 6.3 did, or may do so. */
static inline bool contract_old(const struct contract *t, enum old_rule rule)
{
	return t->traits->old & rule;
}

static inline bool contract_either(const struct contract *t, enum old_rule rule)
{
	return t->traits->either & rule;
}

/* Before whatever became a rule between 2.6.32 and 4.3. */
static inline void contract_needs_4_3(struct contract *t)
{
	if (contract_old(t, OLD_4_2))
		contract_skip(t, "not all kernels up to 4.2 have this rule");
}

/* To be asked before a pool is there: it would be left behind. */
static inline void contract_needs_pages_seen(struct contract *t)
{
	if (t->traits->pages_unseen)
		contract_skip(t, "the pages of the kernel's own pool are not seen");
}

/* The first byte of a block that is not value; size if all are. */
static inline size_t contract_differs(const void *vaddr, u8 value, size_t size)
{
	const u8 *byte = vaddr;
	size_t i;

	for (i = 0; i < size; i++)
		if (byte[i] != value)
			break;
	return i;
}

#endif
