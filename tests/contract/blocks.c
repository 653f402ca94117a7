// SPDX-License-Identifier: GPL-2.0-only
/*
 * Blocks between alloc and free: nobody else's, at the address that was named, zero
 * where that was asked for.  Random sequences of calls are held against a model.
 */
#include "geometry.h"

#define MAX_OPS		120
#define MAX_BULK	24
#define MAX_LIVE	(MAX_OPS * MAX_BULK)

enum op_kind {
	OP_ALLOC,
	OP_ZALLOC,
	OP_FREE,
	OP_ALLOC_BULK,
	OP_ZALLOC_BULK,
	OP_FREE_BULK,
	NR_OP_KINDS,
};

/* Any sequence makes sense: arg is taken modulo what there is. */
struct op {
	u8 kind, arg;
};

struct sequence {
	struct geometry geometry;
	unsigned int nr;
	struct op ops[MAX_OPS];
};

struct model {
	struct contract *t;
	size_t size, stride;
	struct dma_pool *pool;
	struct dma_pool_block *live;
	size_t nr;
};

static u8 stamp_of(const struct dma_pool_block *block)
{
	return (block->dma >> 2) * 29 + 1;
}

static const char *overlap_fault(struct model *m, const struct dma_pool_block *block)
{
	const struct dma_pool_block *other;

	for (other = m->live; other < m->live + m->nr; other++)
		if (block->dma < other->dma + m->stride &&
		    other->dma < block->dma + m->stride)
			return contract_why(m->t, "0x%llx overlaps the live block 0x%llx",
					    (unsigned long long)block->dma,
					    (unsigned long long)other->dma);
	return NULL;
}

/* A block was handed out. */
static const char *take(struct model *m, const struct dma_pool_block *block, gfp_t gfp)
{
	const char *why;

	if (!contract_same_memory(block->vaddr, block->dma))
		return contract_why(m->t, "%p is not at its dma address", block->vaddr);
	why = overlap_fault(m, block);
	if (why)
		return why;
	if ((gfp & __GFP_ZERO) && !contract_old(m->t, OLD_4_2) &&
	    contract_differs(block->vaddr, 0, m->size) < m->size)
		return contract_why(m->t, "0x%llx is not zero",
				    (unsigned long long)block->dma);
	memset(block->vaddr, stamp_of(block), m->size);
	m->live[m->nr++] = *block;
	return NULL;
}

/* The last nr live blocks are about to be freed. */
static const char *give(struct model *m, size_t nr)
{
	const struct dma_pool_block *block = &m->live[m->nr - nr];

	for (; block < &m->live[m->nr]; block++)
		if (contract_differs(block->vaddr, stamp_of(block), m->size) < m->size)
			return contract_why(m->t, "the live block 0x%llx was written to",
					    (unsigned long long)block->dma);
	m->nr -= nr;
	return NULL;
}

static const char *alloc(struct model *m, gfp_t gfp)
{
	struct dma_pool_block block;

	block.vaddr = dma_pool_alloc(m->pool, gfp, &block.dma);
	return block.vaddr ? take(m, &block, gfp) : "dma_pool_alloc gives nothing";
}

static const char *alloc_bulk(struct model *m, gfp_t gfp, size_t nr)
{
	struct dma_pool_block blocks[MAX_BULK];
	const char *why = NULL;
	size_t i;

	if (dma_pool_alloc_bulk(m->pool, gfp, nr, blocks) != nr)
		return "dma_pool_alloc_bulk gives too few";
	for (i = 0; !why && i < nr; i++)
		why = take(m, &blocks[i], gfp);
	return why;
}

static const char *release(struct model *m, size_t at)
{
	struct dma_pool_block block = m->live[at];
	const char *why;

	m->live[at] = m->live[m->nr - 1];
	m->live[m->nr - 1] = block;
	why = give(m, 1);
	if (!why)
		contract_put(m->pool, &block);
	return why;
}

static const char *release_bulk(struct model *m, size_t nr)
{
	const char *why = give(m, nr);

	if (!why)
		dma_pool_free_bulk(m->pool, nr, &m->live[m->nr]);
	return why;
}

static const char *step(struct model *m, const struct op *op)
{
	size_t bulk = op->arg % MAX_BULK + 1;

	switch (op->kind) {
	case OP_ALLOC:
		return alloc(m, GFP_KERNEL);
	case OP_ZALLOC:
		return alloc(m, GFP_KERNEL | __GFP_ZERO);
	case OP_ALLOC_BULK:
		return alloc_bulk(m, GFP_KERNEL, bulk);
	case OP_ZALLOC_BULK:
		return alloc_bulk(m, GFP_KERNEL | __GFP_ZERO, bulk);
	case OP_FREE:
		return m->nr ? release(m, op->arg % m->nr) : NULL;
	default:
		return release_bulk(m, min(bulk, m->nr));
	}
}

static const char *usage_fault(struct model *m)
{
	struct pools_row row;

	if (!contract_pools_row(m->t->dev, "model", &row))
		return "it is not in the pools file";
	if (row.active != m->nr)
		return contract_why(m->t, "%zu blocks in use, not %zu", row.active,
				    m->nr);
	if (dma_pool_bytes_stranded(m->pool) > (row.blocks - row.active) * m->stride)
		return "more bytes stranded than free";
	return NULL;
}

static const char *run_sequence(struct model *m, const struct sequence *s)
{
	const char *why = NULL;
	unsigned int i;

	for (i = 0; !why && i < s->nr; i++)
		why = step(m, &s->ops[i]);
	why = why ?: usage_fault(m);
	while (!why && m->nr)
		why = release_bulk(m, min(m->nr, (size_t)MAX_BULK));
	return why ?: usage_fault(m);
}

static const char *sequence_fault(struct contract *t, const void *input)
{
	const struct sequence *s = input;
	const struct geometry *g = &s->geometry;
	struct model m = { .t = t, .size = g->size };
	struct plan plan;
	const char *why;

	geometry_plan(t->traits, g, &plan);
	if (plan.overruns)
		return NULL;
	m.stride = plan.stride;
	m.pool = dma_pool_create("model", t->dev, g->size, g->align, g->boundary);
	m.live = kcalloc(MAX_LIVE, sizeof(*m.live), GFP_KERNEL);
	why = m.pool ? run_sequence(&m, s) : "it is refused";
	kfree(m.live);
	contract_destroy(m.pool);
	return why;
}

static void draw(struct prop_rng *rng, void *input)
{
	struct sequence *s = input;
	unsigned int i;

	geometry_draw_small(rng, &s->geometry);
	s->nr = prop_magnitude(rng, MAX_OPS);
	for (i = 0; i < s->nr; i++) {
		s->ops[i].kind = prop_below(rng, NR_OP_KINDS);
		s->ops[i].arg = prop_below(rng, 256);
	}
}

/* Leaves out a run of calls: first halves, then quarters, down to one call at a time. */
static bool leave_out(struct sequence *s, unsigned int *n)
{
	unsigned int run, runs, from, to;

	for (run = DIV_ROUND_UP(s->nr, 2); run; run /= 2) {
		runs = DIV_ROUND_UP(s->nr, run);
		if (*n < runs) {
			from = *n * run;
			to = min(from + run, s->nr);
			memmove(&s->ops[from], &s->ops[to],
				(s->nr - to) * sizeof(*s->ops));
			s->nr -= to - from;
			return true;
		}
		*n -= runs;
	}
	return false;
}

static bool shrink(void *input, unsigned int n)
{
	struct sequence *s = input;

	if (leave_out(s, &n))
		return true;
	if (n < s->nr) {
		s->ops[n].arg = 0;
		return true;
	}
	return geometry_shrink(&s->geometry, n - s->nr);
}

static void print(const void *input, char *text, size_t size)
{
	static const char *const kinds[NR_OP_KINDS] = {
		[OP_ALLOC] = "alloc", [OP_ZALLOC] = "zalloc", [OP_FREE] = "free",
		[OP_ALLOC_BULK] = "alloc_bulk", [OP_ZALLOC_BULK] = "zalloc_bulk",
		[OP_FREE_BULK] = "free_bulk",
	};
	const struct sequence *s = input;
	int at = geometry_print(&s->geometry, text, size);
	unsigned int i;

	for (i = 0; i < s->nr; i++)
		at += scnprintf(text + at, size - at, "%s %s(%u)", i ? "," : ":",
				kinds[s->ops[i].kind], s->ops[i].arg);
}

static void any_sequence_of_calls_matches_the_model(struct contract *t)
{
	static const struct prop prop = {
		.size = sizeof(struct sequence),
		.runs = 60,
		.draw = draw,
		.shrink = shrink,
		.fault = sequence_fault,
		.print = print,
	};

	contract_needs_own_blocks(t);
	prop_check(t, &prop);
}

static void zalloc_zeroes_a_used_block(struct contract *t)
{
	struct dma_pool *pool;
	struct dma_pool_block block;
	size_t i;

	contract_needs_4_3(t);
	pool = contract_pool(t, "pool", 200, 0, 0);
	for (i = 0; i < 3; i++) {
		block.vaddr = dma_pool_zalloc(pool, GFP_KERNEL, &block.dma);
		CHECK(t, block.vaddr, "dma_pool_zalloc gives nothing");
		CHECK_EQ(t, contract_differs(block.vaddr, 0, 200), 200, "bytes zero");
		memset(block.vaddr, 0xff, 200);
		contract_put(pool, &block);
	}
	dma_pool_destroy(pool);
}

/* What was freed last is still in the caches. */
static void the_block_freed_last_comes_first(struct contract *t)
{
	struct dma_pool *pool;
	struct dma_pool_block blocks[8], again;
	size_t i;

	if (t->traits->block_per_page)
		contract_skip(t, "freed blocks go back to the page source");
	pool = contract_pool(t, "pool", 64, 0, 0);
	for (i = 0; i < ARRAY_SIZE(blocks); i++)
		blocks[i] = contract_block(t, pool, GFP_KERNEL);
	for (i = 0; i < ARRAY_SIZE(blocks); i++)
		contract_put(pool, &blocks[i]);
	while (i--) {
		again = contract_block(t, pool, GFP_KERNEL);
		CHECK(t, again.dma == blocks[i].dma, "block %zu does not come next", i);
	}
	for (i = 0; i < ARRAY_SIZE(blocks); i++)
		contract_put(pool, &blocks[i]);
	dma_pool_destroy(pool);
}

static void nothing_is_stranded_without_caches(struct contract *t)
{
	struct dma_pool *pool = contract_pool(t, "pool", 64, 0, 0);
	struct dma_pool_block block = contract_block(t, pool, GFP_KERNEL);

	contract_put(pool, &block);
	if (t->traits->strands_nothing)
		CHECK_EQ(t, dma_pool_bytes_stranded(pool), 0, "bytes stranded");
	dma_pool_destroy(pool);
}

/* What finds the pages grows more than once; trim waits for what that leaves behind. */
static void a_pool_of_thousands_of_pages_works(struct contract *t)
{
	enum { PAGES = 3000, PAUSE = 2500 };
	struct dma_pool_block *blocks;
	struct dma_pool *pool;
	size_t i;

	contract_needs_own_blocks(t);
	blocks = kvcalloc(PAGES, sizeof(*blocks), GFP_KERNEL);
	CHECK(t, blocks, "there is no memory");
	pool = contract_pool(t, "pool", PAGE_SIZE, 0, 0);
	for (i = 0; i < PAGES; i++) {
		if (i == PAUSE)
			dma_pool_trim(pool);
		blocks[i] = contract_block(t, pool, GFP_KERNEL);
	}
	CHECK_EQ(t, contract_usage(t, "pool").active, PAGES, "blocks in use");
	for (i = 0; i < PAGES; i++)
		contract_put(pool, &blocks[i]);
	CHECK_EQ(t, contract_usage(t, "pool").active, 0, "blocks in use");
	dma_pool_destroy(pool);
	kvfree(blocks);
}

const struct contract_test blocks_tests[] = {
	CONTRACT_TEST(any_sequence_of_calls_matches_the_model),
	CONTRACT_TEST(zalloc_zeroes_a_used_block),
	CONTRACT_TEST(the_block_freed_last_comes_first),
	CONTRACT_TEST(nothing_is_stranded_without_caches),
	CONTRACT_TEST(a_pool_of_thousands_of_pages_works),
	{ }
};
