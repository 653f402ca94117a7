// SPDX-License-Identifier: GPL-2.0-only
/* Property-based checks: drawing, shrinking, and telling. */
#include "prop.h"

/* More attempts than any of our inputs needs; bounds the wait if shrinking is bad. */
#define MAX_SHRINKS 3000

u64 prop_seed;

const char *contract_why(struct contract *t, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vscnprintf(t->why, sizeof(t->why), fmt, args);
	va_end(args);
	return t->why;
}

/* SplitMix64 (Steele, Lea and Flood, 2014): any seed is a good one. */
u64 prop_random(struct prop_rng *rng)
{
	u64 z = rng->state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

u32 prop_below(struct prop_rng *rng, u32 bound)
{
	return (u32)(prop_random(rng) >> 32) * (u64)bound >> 32;
}

u32 prop_magnitude(struct prop_rng *rng, u32 max)
{
	u32 bits = 32 - __builtin_clz(max);
	u32 top = 1u << prop_below(rng, bits);

	return min(top + prop_below(rng, top), max);
}

/*
 * Nothing that a property does gives cause for a report or a warning.  Both are asked for
 * after every input, or the next one's would be those of this one.
 */
static const char *fault_of(struct contract *t, const struct prop *prop,
			    const void *input)
{
	const char *why = prop->fault(t, input), *log = contract_log(t);
	unsigned int warnings = contract_warnings(t);

	if (!why && warnings)
		return "it warns";
	return why ?: *log ? contract_why(t, "the log says: %s", log) : NULL;
}

/* One step: input becomes the first smaller one that fails too, if there is one. */
static bool shrink_once(struct contract *t, const struct prop *prop, void *input,
			void *smaller, unsigned int *attempts)
{
	unsigned int n;

	for (n = 0; ; n++) {
		memcpy(smaller, input, prop->size);
		if (!prop->shrink(smaller, n) || ++*attempts > MAX_SHRINKS)
			return false;
		if (memcmp(smaller, input, prop->size) && fault_of(t, prop, smaller))
			break;
	}
	memcpy(input, smaller, prop->size);
	return true;
}

static void report(struct contract *t, const struct prop *prop, void *input,
		   void *smaller)
{
	unsigned int attempts = 0;
	char text[1024];

	while (shrink_once(t, prop, input, smaller, &attempts))
		;
	prop->print(input, text, sizeof(text));
	contract_fail(t, __FILE__, __LINE__, "%s\n  with %s",
		      fault_of(t, prop, input) ?: "(not the second time)", text);
}

void prop_check(struct contract *t, const struct prop *prop)
{
	struct prop_rng rng = { prop_seed };
	void *input = kmalloc(prop->size, GFP_KERNEL);
	void *smaller = kmalloc(prop->size, GFP_KERNEL);
	unsigned int run;

	for (run = 0; run < prop->runs; run++) {
		memset(input, 0, prop->size);
		prop->draw(&rng, input);
		if (fault_of(t, prop, input))
			report(t, prop, input, smaller);
	}
	kfree(smaller);
	kfree(input);
}
