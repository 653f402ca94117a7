/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stand-in for <linux/shrinker.h>, as it is since 6.7.  Memory is short when
 * shim_shrink() (shim.h) says so.
 */
#ifndef SHIM_LINUX_SHRINKER_H
#define SHIM_LINUX_SHRINKER_H

#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/types.h>

#define SHRINK_STOP	(~0UL)		/* scan: nothing to be had now */
#define SHRINK_EMPTY	(~0UL - 1)	/* count: nothing there */

struct shrink_control {
	gfp_t gfp_mask;
	unsigned long nr_to_scan;
};

struct shrinker {
	unsigned long (*count_objects)(struct shrinker *shrinker,
				       struct shrink_control *sc);
	unsigned long (*scan_objects)(struct shrinker *shrinker,
				      struct shrink_control *sc);
	struct list_head list;		/* the shim's, once registered */
};

/* NULL without memory.  May sleep, as all of these. */
struct shrinker *shrinker_alloc(unsigned int flags, const char *fmt, ...);
void shrinker_register(struct shrinker *shrinker);

/* Also unregisters it: when this returns, it is not called any more. */
void shrinker_free(struct shrinker *shrinker);

#endif
