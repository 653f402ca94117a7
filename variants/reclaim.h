/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who asks a pool with caches for what it keeps: a CPU that has gone offline, and the
 * kernel when memory is short.  One hotplug state, one shrinker and one work queue serve
 * all pools of the core, from the first to the last.
 */
#ifndef VARIANTS_RECLAIM_H
#define VARIANTS_RECLAIM_H

#include <linux/cpuhotplug.h>
#include <linux/mutex.h>
#include <linux/shrinker.h>
#include <linux/workqueue.h>

#include "core.h"

struct reclaim {
	struct list_head pools;
};

/*
 * Given by the core.
 *
 * reclaim_cpu() empties the caches of a CPU that is no more.  reclaim_count() says about
 * how many pages could be given back, reclaim_scan() gives back up to so many without
 * waiting for anything.  They may be called while any allocation of the kernel's is
 * under way, so they sleep for no lock that is held around one.
 */
static void reclaim_cpu(struct reclaim *reclaim, unsigned int cpu);
static unsigned long reclaim_count(struct reclaim *reclaim);
static unsigned long reclaim_scan(struct reclaim *reclaim, unsigned long pages);

/*
 * For works of the pools'.  Giving memory back must not wait for memory, and whoever
 * waits for it may be such a work itself.
 */
static struct workqueue_struct *reclaim_wq;

/* Of the list of pools.  Taken when memory is short: nobody allocates under it. */
static DEFINE_MUTEX(reclaim_lock);
static LIST_HEAD(reclaim_pools);

/* Of what follows, and outside the other; registering allocates. */
static DEFINE_MUTEX(reclaim_reg_lock);
static unsigned int reclaim_users;
static struct shrinker *reclaim_shrinker;
static int reclaim_state;

/* The CPU is dead: nothing it did can come after this. */
static int reclaim_cpu_dead(unsigned int cpu)
{
	struct reclaim *reclaim;

	mutex_lock(&reclaim_lock);
	list_for_each_entry(reclaim, &reclaim_pools, pools)
		reclaim_cpu(reclaim, cpu);
	mutex_unlock(&reclaim_lock);
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
	int err = -ENOMEM;

	reclaim_wq = alloc_workqueue("dmapool", WQ_MEM_RECLAIM | WQ_PERCPU, 0);
	if (!reclaim_wq)
		return err;
	reclaim_shrinker = shrinker_alloc(0, "dmapool");
	if (!reclaim_shrinker)
		goto destroy_wq;
	err = cpuhp_setup_state_nocalls(CPUHP_BP_PREPARE_DYN, "dmapool:dead", NULL,
					reclaim_cpu_dead);
	if (err < 0)
		goto free_shrinker;
	reclaim_state = err;
	reclaim_shrinker->count_objects = reclaim_count_all;
	reclaim_shrinker->scan_objects = reclaim_scan_all;
	shrinker_register(reclaim_shrinker);
	return 0;

free_shrinker:
	shrinker_free(reclaim_shrinker);
destroy_wq:
	destroy_workqueue(reclaim_wq);
	return err;
}

static void reclaim_unregister(void)
{
	shrinker_free(reclaim_shrinker);
	cpuhp_remove_state_nocalls(reclaim_state);
	destroy_workqueue(reclaim_wq);
}

/* Before anything else of a pool's: there is a work queue.  May sleep. */
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

/* After everything else of a pool's.  May sleep. */
static void reclaim_put(void)
{
	mutex_lock(&reclaim_reg_lock);
	if (!--reclaim_users)
		reclaim_unregister();
	mutex_unlock(&reclaim_reg_lock);
}

/* From now on the functions above are called.  May sleep, as the next. */
static void reclaim_add(struct reclaim *reclaim)
{
	mutex_lock(&reclaim_lock);
	list_add(&reclaim->pools, &reclaim_pools);
	mutex_unlock(&reclaim_lock);
}

/* From now on they are not. */
static void reclaim_del(struct reclaim *reclaim)
{
	mutex_lock(&reclaim_lock);
	list_del(&reclaim->pools);
	mutex_unlock(&reclaim_lock);
}

#endif
