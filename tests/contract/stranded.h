/* SPDX-License-Identifier: GPL-2.0-only */
/* Free blocks in caches, held against what dmapool_ext.h says of the design. */
#ifndef TESTS_STRANDED_H
#define TESTS_STRANDED_H

#include "prop.h"

static inline void needs_bound(struct contract *t)
{
	if (t->traits->strands_nothing)
		contract_skip(t, "it keeps no blocks in caches and its pages for good");
	if (!t->traits->most_stranded)
		contract_skip(t, "nobody said how much it may strand");
}

/*
 * Ups and downs of one CPU with up to nr blocks out, until most was reached, in steps
 * of a bulk; blocks has room for them.  The most that was stranded after a step.
 */
size_t strand_blocks(struct dma_pool *pool, u64 seed, size_t nr,
		     struct dma_pool_block *blocks);

#endif
