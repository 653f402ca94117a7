/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Property-based checks: a property is tried on random inputs, and an input on which
 * it fails is made smaller as long as it still fails before it is shown.
 */
#ifndef TESTS_PROP_H
#define TESTS_PROP_H

#include "contract.h"

/* Decides every random number of the program; set before the first test. */
extern u64 prop_seed;

struct prop_rng {
	u64 state;
};

u64 prop_random(struct prop_rng *rng);
/* Evenly from 0 to bound - 1. */
u32 prop_below(struct prop_rng *rng, u32 bound);
/* From 1 to max, every order of magnitude as likely as the others. */
u32 prop_magnitude(struct prop_rng *rng, u32 max);

/*
 * draw() fills a zeroed input.  shrink() makes it smaller in its n-th way, counted from
 * 0, or returns false when it knows no more ways; a way that changes nothing is passed
 * over.  fault() says what is wrong, or returns NULL; it cleans up after itself either
 * way.  print() writes the input as the person who will mend the bug wants it.
 */
struct prop {
	size_t size;			/* of an input, bytes */
	unsigned int runs;
	void (*draw)(struct prop_rng *rng, void *input);
	bool (*shrink)(void *input, unsigned int n);
	const char *(*fault)(struct contract *t, const void *input);
	void (*print)(const void *input, char *text, size_t size);
};

/* Fails the test, with the smallest input found, if the property does not hold. */
void prop_check(struct contract *t, const struct prop *prop);

#endif
