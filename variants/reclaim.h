/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who asks a pool with caches for what it keeps: a CPU that goes offline, and the
 * kernel when memory is short.  One hotplug state and one shrinker serve all pools of
 * the core, from the first to the last.
 */
#ifndef VARIANTS_RECLAIM_H
#define VARIANTS_RECLAIM_H

#include <linux/cpuhotplug.h>
#include <linux/mutex.h>
#include <linux/shrinker.h>

#include "core.h"

struct reclaim {
	struct list_head pools;
	struct hlist_node hotplug;
};

/*
 * Given by the core.
 *
 * reclaim_this_cpu() empties the caches of the CPU it runs on, which goes offline.
 * reclaim_count() says about how many pages could be given back, reclaim_scan() gives
 * back up to so many without waiting for anything; both may be called while any
 * allocation of the kernel's is under way, so they sleep for no lock that is held
 * around one.
 */
static void reclaim_this_cpu(struct reclaim *reclaim);
static unsigned long reclaim_count(struct reclaim *reclaim);
static unsigned long reclaim_scan(struct reclaim *reclaim, unsigned long pages);

/* Of the list of pools.  Taken when memory is short: nobody allocates under it. */
static DEFINE_MUTEX(reclaim_lock);
static LIST_HEAD(reclaim_pools);

/* Of what follows, and outside the other; registering allocates. */
static DEFINE_MUTEX(reclaim_reg_lock);
static unsigned int reclaim_users;
static struct shrinker *reclaim_shrinker;
static int reclaim_state;

static int reclaim_cpu_goes(unsigned int cpu, struct hlist_node *node)
{
	reclaim_this_cpu(container_of(node, struct reclaim, hotplug));
	return 0;
}

static unsigned long reclaim_count_all(struct shrinker *shrinker,
				       struct shrink_control *sc)
{
	struct reclaim *reclaim;
	unsigned long pages = 0;

	mutex_lock(&reclaim_lock);
	list_for_each_entry(reclaim, &reclaim_pools, pools)
		pages += reclaim_count(reclaim);
	mutex_unlock(&reclaim_lock);
	return pages ? pages : SHRINK_EMPTY;
}

static unsigned long reclaim_scan_all(struct shrinker *shrinker,
				      struct shrink_control *sc)
{
	struct reclaim *reclaim;
	unsigned long pages = 0;

	mutex_lock(&reclaim_lock);
	list_for_each_entry(reclaim, &reclaim_pools, pools)
		if (pages < sc->nr_to_scan)
			pages += reclaim_scan(reclaim, sc->nr_to_scan - pages);
	mutex_unlock(&reclaim_lock);
	return pages ? pages : SHRINK_STOP;
}

static int reclaim_register(void)
{
	reclaim_shrinker = shrinker_alloc(0, "dmapool");
	if (!reclaim_shrinker)
		return -ENOMEM;
	reclaim_state = cpuhp_setup_state_multi(CPUHP_AP_ONLINE_DYN, "dmapool:online",
						NULL, reclaim_cpu_goes);
	if (reclaim_state < 0) {
		shrinker_free(reclaim_shrinker);
		return reclaim_state;
	}
	reclaim_shrinker->count_objects = reclaim_count_all;
	reclaim_shrinker->scan_objects = reclaim_scan_all;
	shrinker_register(reclaim_shrinker);
	return 0;
}

static void reclaim_unregister(void)
{
	shrinker_free(reclaim_shrinker);
	cpuhp_remove_multi_state(reclaim_state);
}

static void reclaim_put(void)
{
	mutex_lock(&reclaim_reg_lock);
	if (!--reclaim_users)
		reclaim_unregister();
	mutex_unlock(&reclaim_reg_lock);
}

static int reclaim_get(void)
{
	int err = 0;

	mutex_lock(&reclaim_reg_lock);
	if (!reclaim_users)
		err = reclaim_register();
	if (!err)
		reclaim_users++;
	mutex_unlock(&reclaim_reg_lock);
	return err;
}

/* From now on the functions above are called.  May sleep. */
static int reclaim_init(struct reclaim *reclaim)
{
	int err = reclaim_get();

	if (err)
		return err;
	err = cpuhp_state_add_instance_nocalls(reclaim_state, &reclaim->hotplug);
	if (err) {
		reclaim_put();
		return err;
	}
	mutex_lock(&reclaim_lock);
	list_add(&reclaim->pools, &reclaim_pools);
	mutex_unlock(&reclaim_lock);
	return 0;
}

/* From now on they are not.  May sleep. */
static void reclaim_exit(struct reclaim *reclaim)
{
	mutex_lock(&reclaim_lock);
	list_del(&reclaim->pools);
	mutex_unlock(&reclaim_lock);
	cpuhp_state_remove_instance_nocalls(reclaim_state, &reclaim->hotplug);
	reclaim_put();
}

#endif
