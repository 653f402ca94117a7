/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Size, alignment and boundary as a driver gives them, and what the rules make of
 * them, worked out in closed form: no walk over the blocks like the pools'.
 */
#ifndef TESTS_GEOMETRY_H
#define TESTS_GEOMETRY_H

#include "prop.h"

struct geometry {
	size_t size, align, boundary;
};

struct plan {
	size_t stride;			/* bytes from a block to the next */
	size_t allocation;		/* bytes of a page of the pool */
	size_t window;			/* bytes that no block may leave */
	size_t per_window, per_page;	/* blocks */
	bool overruns;			/* the last block ends past the page: 6.1's bug */
};

/* Fills in the plan; false if the rules refuse such a pool. */
bool geometry_plan(const struct traits *traits, const struct geometry *g,
		   struct plan *plan);

/* The offset in its page of the page's k-th block, from 0. */
size_t plan_offset(const struct plan *plan, size_t k);

/* Any triple; one that every pool takes, of small blocks. */
void geometry_draw(struct prop_rng *rng, struct geometry *g);
void geometry_draw_small(struct prop_rng *rng, struct geometry *g);
bool geometry_shrink(struct geometry *g, unsigned int n);
int geometry_print(const struct geometry *g, char *text, size_t size);

#endif
