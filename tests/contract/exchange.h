/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Blocks passed around between whoever takes a step: one leaves a block it stamped in
 * a slot, another finds it, checks the stamp and frees it.  Steps may be taken at the
 * same time, by threads and by interrupts, and call nothing of libc's.
 */
#ifndef TESTS_EXCHANGE_H
#define TESTS_EXCHANGE_H

#include "prop.h"

#define EXCHANGE_SLOTS	48
#define EXCHANGE_WORDS	12		/* of 8 bytes in a block */
#define EXCHANGE_SIZE	(EXCHANGE_WORDS * 8)

struct exchange {
	struct dma_pool *pool;
	u64 *slots[EXCHANGE_SLOTS];	/* each changed by atomic exchange alone */
	const char *fault;		/* what went wrong, if anything did */
};

void exchange_step(struct exchange *x, struct prop_rng *rng, gfp_t gfp);

/* Frees what is left in the slots; nobody may take a step meanwhile. */
void exchange_drain(struct exchange *x);

#endif
