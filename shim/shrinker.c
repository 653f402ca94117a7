// SPDX-License-Identifier: GPL-2.0-only
/* Shrinkers, asked by shim_shrink() and never by themselves. */
#include <linux/mutex.h>
#include <linux/shrinker.h>
#include <linux/slab.h>

#include "shim.h"

static DEFINE_MUTEX(lock);
static LIST_HEAD(shrinkers);

struct shrinker *shrinker_alloc(unsigned int flags, const char *fmt, ...)
{
	struct shrinker *shrinker = kzalloc(sizeof(*shrinker), GFP_KERNEL);

	if (shrinker)
		INIT_LIST_HEAD(&shrinker->list);
	return shrinker;
}

void shrinker_register(struct shrinker *shrinker)
{
	mutex_lock(&lock);
	list_add_tail(&shrinker->list, &shrinkers);
	mutex_unlock(&lock);
}

void shrinker_free(struct shrinker *shrinker)
{
	mutex_lock(&lock);
	list_del(&shrinker->list);
	mutex_unlock(&lock);
	kfree(shrinker);
}

static unsigned long ask(struct shrinker *shrinker, unsigned long nr)
{
	struct shrink_control sc = { .gfp_mask = GFP_KERNEL, .nr_to_scan = nr };
	unsigned long got = shrinker->count_objects(shrinker, &sc);

	if (!got || got == SHRINK_EMPTY)
		return 0;
	got = shrinker->scan_objects(shrinker, &sc);
	return got == SHRINK_STOP ? 0 : got;
}

unsigned long shim_shrink(unsigned long nr)
{
	struct shrinker *shrinker;
	unsigned long got = 0;

	mutex_lock(&lock);
	list_for_each_entry(shrinker, &shrinkers, list)
		got += ask(shrinker, nr);
	mutex_unlock(&lock);
	return got;
}
