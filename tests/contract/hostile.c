// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device that writes where it may not: into every block that is free and into what
 * of a page is in no block.  A pool that keeps what it trusts elsewhere hands out right
 * blocks all the same; one that links free blocks through themselves does not, which
 * is shown, too.
 *
 * What such a pool does when it follows a wrong link is anyone's guess, so it is tried
 * in a child: one that dies or hangs was misled.  No wrong block is ever touched here,
 * and the seeds are fixed, so that the outcome is the same every time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "geometry.h"
#include "pages.h"

/* Under ThreadSanitizer, which has no threads to watch here, a few will do. */
#ifdef __SANITIZE_THREAD__
#define NR_SEEDS	1
#define STEPS		300
#else
#define NR_SEEDS	3
#define STEPS		600
#endif
#define MAX_STEP	32		/* blocks */
#define MAX_LIVE	4096
#define LIVE_BYTES	(32 << 10)	/* out at a time, at most */
#define SPREE		60		/* steps from one to the next */
#define CHILD_SECONDS	10

static const struct geometry geometries[] = {
	{ 16, 0, 0 }, { 64, 0, 0 }, { 68, 32, 1024 }, { 1000, 8, 0 }, { 4096, 0, 0 },
};

struct victim {
	struct contract *t;
	const struct geometry *g;
	struct plan plan;
	struct prop_rng driver, device;
	struct dma_pool *pool;
	struct dma_pool_block *live;
	size_t nr, want;
	const char *freed;
};

/* Words of all magnitudes: some look like an offset in a page, none like an address. */
static void scribble(struct victim *v, char *from, char *to)
{
	u32 word;

	for (; from < to; from += sizeof(word)) {
		word = prop_magnitude(&v->device, ~0u);
		memcpy(from, &word, min(sizeof(word), (size_t)(to - from)));
	}
}

static void write_freed(const struct watched_page *page, void *arg)
{
	struct victim *v = arg;
	size_t offset = v->freed - page->vaddr;

	if (offset < page->bytes)
		scribble(v, page->vaddr + offset, page->vaddr + offset + v->plan.stride);
}

static void write_all_but_live(const struct watched_page *page, void *arg)
{
	static bool live[PAGE_SIZE];
	struct victim *v = arg;
	size_t i, from;

	memset(live, false, sizeof(live));
	for (i = 0; i < v->nr; i++)
		if (v->live[i].dma - page->dma < page->bytes)
			memset(&live[v->live[i].dma - page->dma], true, v->g->size);
	for (i = 0; i < page->bytes; i++) {
		for (from = i; i < page->bytes && !live[i]; i++)
			;
		scribble(v, page->vaddr + from, page->vaddr + i);
	}
}

/* A block was handed out; what is wrong with it, found without touching it. */
static const char *block_fault(struct victim *v, const struct dma_pool_block *block)
{
	struct watched_page page;
	size_t offset, i;

	if (!pages_find(block->vaddr, &page))
		return "a block that lies in no page of the pool";
	offset = (char *)block->vaddr - page.vaddr;
	if (block->dma != page.dma + offset)
		return "a block with another's dma address";
	if (offset % v->plan.window % v->plan.stride ||
	    offset % v->plan.window / v->plan.stride >= v->plan.per_window)
		return "a block that starts inside another";
	for (i = 0; i < v->nr; i++)
		if (v->live[i].vaddr == block->vaddr)
			return "a block twice";
	return NULL;
}

/* One at a time: what comes of following a wrong link is seen before the next is. */
static const char *take(struct victim *v, size_t nr)
{
	struct dma_pool_block block;
	const char *why = NULL;

	while (!why && nr-- && v->nr < MAX_LIVE) {
		block.vaddr = dma_pool_alloc(v->pool, GFP_KERNEL, &block.dma);
		why = block.vaddr ? block_fault(v, &block) : "nothing";
		v->live[v->nr++] = block;
	}
	return why;
}

/* Any of the live blocks; the device gets at it at once. */
static void give(struct victim *v)
{
	struct dma_pool_block *block = &v->live[prop_below(&v->driver, v->nr)];

	v->freed = block->vaddr;
	contract_put(v->pool, block);
	*block = v->live[--v->nr];
	pages_for_each(write_freed, v);
}

static const char *step(struct victim *v)
{
	size_t n = prop_magnitude(&v->driver, MAX_STEP);

	if (v->nr < v->want)
		return take(v, n);
	while (n-- && v->nr)
		give(v);
	return NULL;
}

/* Ups and downs, with a word of the device's everywhere at each turn. */
static const char *ups_and_downs(struct victim *v)
{
	size_t most = min(LIVE_BYTES / v->plan.stride, (size_t)600);
	const char *why = NULL;
	unsigned int i;

	for (i = 0; !why && i < STEPS; i++) {
		if (i % SPREE == 0) {
			v->want = prop_below(&v->driver, most);
			pages_for_each(write_all_but_live, v);
		}
		if (i % (4 * SPREE) == 2 * SPREE)
			dma_pool_trim(v->pool);
		why = step(v);
	}
	return why;
}

/* All blocks of the pages that are held can be had, and no other. */
static const char *none_lost(struct victim *v)
{
	struct pools_row row = { .pages = 0 };
	const char *why = NULL;
	size_t nr, more;

	contract_pools_row(v->t->dev, "victim", &row);
	nr = v->t->traits->block_per_page ? 0 : row.pages * v->plan.per_page;
	more = pages_allocated();
	while (!why && v->nr < nr && v->nr < MAX_LIVE)
		why = take(v, nr - v->nr);
	return why ?: pages_allocated() > more ? "all blocks but those it lost" : NULL;
}

static const char *abuse(struct contract *t, const struct geometry *g, u64 seed)
{
	struct victim v = { .t = t, .g = g, .driver = { seed }, .device = { ~seed } };
	const char *why;

	geometry_plan(t->traits, g, &v.plan);
	pages_watch(t->dev);
	v.live = kcalloc(MAX_LIVE, sizeof(*v.live), GFP_KERNEL);
	v.pool = dma_pool_create("victim", t->dev, g->size, g->align, g->boundary);
	why = v.pool ? ups_and_downs(&v) : "no pool";
	why = why ?: none_lost(&v);
	if (why)
		return why;
	while (v.nr)
		give(&v);
	dma_pool_destroy(v.pool);
	kfree(v.live);
	if (contract_dma_outstanding(t->dev))
		return "not all of its memory back";
	return *contract_log(t) || contract_warnings(t) ? "complaints" : NULL;
}

/* Writes what the pool gave that it may not have, and exits. */
static void be_the_child(struct contract *t, const struct geometry *g, int out)
{
	const char *why = NULL;
	u64 seed;

	/* What a sanitizer says of a pool that is to be misled is no news. */
	if (t->traits->hostile_device != HOSTILE_IN_VAIN)
		dup2(out, STDERR_FILENO);
	alarm(CHILD_SECONDS);
	for (seed = 1; !why && seed <= NR_SEEDS; seed++)
		why = abuse(t, g, seed);
	if (why && write(out, why, strlen(why)) < 0)
		_exit(2);
	_exit(why ? 1 : 0);
}

/* How a child ended: NULL, or what the device made the pool do. */
static const char *outcome(struct contract *t, const struct geometry *g, pid_t child,
			   const char *said)
{
	int status;

	if (waitpid(child, &status, 0) != child)
		return "(no child to wait for)";
	if (WIFSIGNALED(status))
		return contract_why(t, "size %zu: it dies: %s", g->size,
				    strsignal(WTERMSIG(status)));
	if (WEXITSTATUS(status))
		return contract_why(t, "size %zu: it gives %.160s", g->size, said);
	return NULL;
}

static const char *misled(struct contract *t, const struct geometry *g)
{
	char said[4096];
	size_t length = 0;
	ssize_t got;
	pid_t child;
	int ends[2];

	CHECK(t, !pipe(ends), "there is no pipe");
	child = fork();
	CHECK(t, child >= 0, "there is no child");
	if (!child) {
		close(ends[0]);
		be_the_child(t, g, ends[1]);
	}
	close(ends[1]);
	while ((got = read(ends[0], said + length, sizeof(said) - 1 - length)) > 0)
		length += got;
	close(ends[0]);
	said[length] = '\0';
	return outcome(t, g, child, said);
}

static void needs_silence(struct contract *t)
{
	if (t->checked)
		contract_skip(t, "a checked pool tells what was written to its blocks");
	contract_needs_own_blocks(t);
}

/* Of a pool that nobody knows it is told, not judged. */
static void check_not_misled(struct contract *t, const struct geometry *g)
{
	const char *why = misled(t, g);
	char text[256];

	if (why && t->traits->hostile_device == HOSTILE_UNKNOWN) {
		snprintf(text, sizeof(text), "a hostile device misleads it: %s", why);
		contract_skip(t, text);
	}
	CHECK_HOLDS(t, why);
}

static void a_hostile_device_gets_no_wrong_block_handed_out(struct contract *t)
{
	const struct geometry *g;

	needs_silence(t);
	if (t->traits->hostile_device == HOSTILE_MISLEADS)
		contract_skip(t, "it trusts its free blocks");
	for (g = geometries; g < geometries + ARRAY_SIZE(geometries); g++)
		check_not_misled(t, g);
}

static void a_hostile_device_misleads_who_trusts_it(struct contract *t)
{
	const struct geometry *g;

	needs_silence(t);
	if (t->traits->hostile_device != HOSTILE_MISLEADS)
		contract_skip(t, "nobody said that it trusts its free blocks");
	for (g = geometries; g < geometries + ARRAY_SIZE(geometries); g++)
		CHECK(t, misled(t, g), "size %zu: it is not misled", g->size);
}

const struct contract_test hostile_tests[] = {
	CONTRACT_TEST(a_hostile_device_gets_no_wrong_block_handed_out),
	CONTRACT_TEST(a_hostile_device_misleads_who_trusts_it),
	{ }
};
