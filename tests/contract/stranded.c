// SPDX-License-Identifier: GPL-2.0-only
/* What a pool strands stays within what it may, at every step of a random run. */
#include "geometry.h"
#include "stranded.h"

#define ROUNDS		2
#define MAX_BULK	200u

size_t strand_blocks(struct dma_pool *pool, u64 seed, size_t nr,
		     struct dma_pool_block *blocks)
{
	struct prop_rng rng = { seed };
	size_t have = 0, most = 0, n;
	unsigned int round;

	for (round = 0; round < 2 * ROUNDS; round++) {
		size_t want = round % 2 ? prop_below(&rng, nr / 4) : nr;

		while (have != want) {
			n = min((size_t)prop_magnitude(&rng, MAX_BULK),
				want > have ? want - have : have - want);
			if (want > have) {
				have += dma_pool_alloc_bulk(pool, GFP_KERNEL, n,
							    blocks + have);
			} else {
				have -= n;
				dma_pool_free_bulk(pool, n, blocks + have);
			}
			most = max(most, dma_pool_bytes_stranded(pool));
		}
	}
	dma_pool_free_bulk(pool, have, blocks);
	return max(most, dma_pool_bytes_stranded(pool));
}

static void one_cpu_strands_no_more_than_it_may(struct contract *t)
{
	static const size_t sizes[] = { 32, 100, 4096 };
	static struct dma_pool_block blocks[20000];
	size_t i, may, most, nr;
	struct dma_pool *pool;
	struct geometry g;
	struct plan plan;

	needs_bound(t);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		g = (struct geometry) { .size = sizes[i] };
		geometry_plan(t->traits, &g, &plan);
		may = t->traits->most_stranded(plan.stride, 1);
		nr = min(may * 2 / plan.stride, ARRAY_SIZE(blocks));
		pool = contract_pool(t, "pool", sizes[i], 0, 0);
		most = strand_blocks(pool, prop_seed, nr, blocks);
		CHECK(t, most <= may, "size %zu: %zu bytes are stranded, %zu may be",
		      sizes[i], most, may);
		CHECK(t, most >= may / 2, "size %zu: %zu bytes are stranded of %zu: "
		      "the bound says little", sizes[i], most, may);
		dma_pool_destroy(pool);
	}
}

const struct contract_test stranded_tests[] = {
	CONTRACT_TEST(one_cpu_strands_no_more_than_it_may),
	{ }
};
