/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Blocks passed around between whoever takes a step: one leaves a block it stamped in
 * a slot, another finds it, checks the stamp and frees it.  Steps may be taken at the
 * same time, by threads and by interrupts, and call nothing of libc's.
 */
#ifndef TESTS_EXCHANGE_H
#define TESTS_EXCHANGE_H

#include "geometry.h"

#define EXCHANGE_SLOTS	48
#define EXCHANGE_WORDS	12		/* of 8 bytes in a block */

struct exchange {
	struct dma_pool *pool;
	struct plan plan;
	u64 *slots[EXCHANGE_SLOTS];	/* each changed by atomic exchange alone */
	const char *fault;		/* what went wrong, if anything did */
};

void exchange_begin(struct contract *t, struct exchange *x, size_t align,
		    size_t boundary);

/* Any context, at the same time as others; rng is the caller's own. */
void exchange_step(struct exchange *x, struct prop_rng *rng, gfp_t gfp);

/* When the last step was taken: fails the test if any block was harmed or lost. */
void exchange_end(struct contract *t, struct exchange *x);

/*
 * Of a pool with no block in use: all blocks of the pages that it has can be had again,
 * without another page, and all pages go when it is trimmed.
 */
void exchange_check_none_lost(struct contract *t, const char *name,
			      struct dma_pool *pool, size_t per_page);

#endif
