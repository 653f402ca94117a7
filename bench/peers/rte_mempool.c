// SPDX-License-Identifier: GPL-2.0-only
/*
 * DPDK's rte_mempool as its users have it: the default ring behind a cache of 512
 * objects for each lcore, every thread a registered lcore, objects in the page source's
 * huge pages.  Its bulk calls are the pool's.
 *
 * A mempool's size is fixed: it has room for the largest row of this machine, 16384
 * blocks or 1024 of each CPU, and all caches.  A pool for more fails to allocate.
 */
#include <linux/dma-mapping.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/slab.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_lcore.h>
#include <rte_mempool.h>

#include "peer.h"

#define CACHE		512
#define CACHE_FULL	(CACHE * 3 / 2)	/* objects, before it gives some back */
#define HELD		16384		/* by the rows of one CPU, at most */
#define HELD_EACH	1024		/* by those of many */
#define BYTES_EACH	2048		/* of larger blocks no row holds so many */
#define CHUNK		(1UL << 20)	/* of the page source, at most */
#define BULK		64

struct dma_pool {
	struct rte_mempool *mp;
	size_t size;
};

static pthread_key_t lcore_key;

static void leave_lcore(void *unused)
{
	rte_thread_unregister();
}

/* Once.  EAL pins the thread that starts it, and so does its harness: that one counts. */
static bool start_eal(void)
{
	static int started;
	char lcores[32];
	char *argv[] = {
		"dmapool-bench", "--no-huge", "--no-shconf", "--no-pci",
		"--no-telemetry", "--log-level=*:error", "-m", "512", lcores,
	};
	cpu_set_t cpus;

	if (started)
		return started > 0;
	snprintf(lcores, sizeof(lcores), "--lcores=0@%d", sched_getcpu());
	sched_getaffinity(0, sizeof(cpus), &cpus);
	started = rte_eal_init(ARRAY_SIZE(argv), argv) < 0 ? -1 : 1;
	sched_setaffinity(0, sizeof(cpus), &cpus);
	if (started > 0)
		pthread_key_create(&lcore_key, leave_lcore);
	return started > 0;
}

/* Makes this thread an lcore until it ends; NULL when EAL has no more of them. */
static noinline struct rte_mempool_cache *enter_lcore(struct rte_mempool *mp)
{
	if (rte_thread_register())
		return NULL;
	pthread_setspecific(lcore_key, mp);
	return rte_mempool_default_cache(mp, rte_lcore_id());
}

static inline struct rte_mempool_cache *my_cache(struct rte_mempool *mp)
{
	struct rte_mempool_cache *cache = rte_mempool_default_cache(mp, rte_lcore_id());

	return likely(cache) ? cache : enter_lcore(mp);
}

static void free_chunk(struct rte_mempool_memhdr *chunk, void *dev)
{
	dma_free_coherent(dev, chunk->len, chunk->addr, chunk->iova);
}

/* Objects do not cross chunks, so chunks no larger than the boundary keep it. */
static int populate(struct rte_mempool *mp, struct device *dev, size_t chunk)
{
	while (mp->populated_size < mp->size) {
		dma_addr_t dma;
		void *vaddr = dma_alloc_coherent(dev, chunk, &dma, GFP_KERNEL);
		int added;

		if (!vaddr)
			return -ENOMEM;
		added = rte_mempool_populate_iova(mp, vaddr, dma, chunk, free_chunk,
						  dev);
		if (added <= 0) {
			dma_free_coherent(dev, chunk, vaddr, dma);
			return -EINVAL;
		}
	}
	return 0;
}

/* One less than a power of two, as the ring has it. */
static size_t most_objects(void)
{
	size_t cpus = sysconf(_SC_NPROCESSORS_ONLN);
	size_t held = max_t(size_t, HELD, HELD_EACH * cpus);

	return 2 * rounddown_pow_of_two(held + CACHE_FULL * cpus) - 1;
}

static struct rte_mempool *create_mempool(struct device *dev, size_t size, size_t chunk)
{
	static unsigned int serial;
	size_t most = most_objects();
	unsigned int n = min(most, most * BYTES_EACH / size);
	char name[RTE_MEMPOOL_NAMESIZE];
	struct rte_mempool *mp;

	snprintf(name, sizeof(name), "pool%u", serial++);
	mp = rte_mempool_create_empty(name, n, size, CACHE, 0, SOCKET_ID_ANY, 0);
	if (mp && populate(mp, dev, chunk)) {
		rte_mempool_free(mp);
		mp = NULL;
	}
	return mp;
}

struct dma_pool *dma_pool_create(const char *name, struct device *dev, size_t size,
				 size_t align, size_t boundary)
{
	struct dma_pool *pool;

	if (align > RTE_MEMPOOL_ALIGN || !start_eal())
		return NULL;
	pool = kmalloc(sizeof(*pool), GFP_KERNEL);
	if (!pool)
		return NULL;
	pool->size = size;
	pool->mp = create_mempool(dev, size, boundary ? min(boundary, CHUNK) : CHUNK);
	if (!pool->mp) {
		kfree(pool);
		return NULL;
	}
	return pool;
}

void dma_pool_destroy(struct dma_pool *pool)
{
	if (!pool)
		return;
	rte_mempool_free(pool->mp);
	kfree(pool);
}

void *dma_pool_alloc(struct dma_pool *pool, gfp_t gfp, dma_addr_t *handle)
{
	struct rte_mempool_cache *cache = my_cache(pool->mp);
	void *vaddr;

	if (unlikely(!cache || rte_mempool_generic_get(pool->mp, &vaddr, 1, cache)))
		return NULL;
	*handle = peer_dma(vaddr);
	if (unlikely(gfp & __GFP_ZERO))
		memset(vaddr, 0, pool->size);
	return vaddr;
}

void dma_pool_free(struct dma_pool *pool, void *vaddr, dma_addr_t dma)
{
	rte_mempool_generic_put(pool->mp, &vaddr, 1, my_cache(pool->mp));
}

/* All of nr or none, up to BULK. */
static bool get_bulk(struct dma_pool *pool, gfp_t gfp, unsigned int nr,
		     struct dma_pool_block *blocks)
{
	struct rte_mempool_cache *cache = my_cache(pool->mp);
	void *vaddr[BULK];
	unsigned int i;

	if (unlikely(!cache || rte_mempool_generic_get(pool->mp, vaddr, nr, cache)))
		return false;
	for (i = 0; i < nr; i++) {
		blocks[i].vaddr = vaddr[i];
		blocks[i].dma = peer_dma(vaddr[i]);
		if (unlikely(gfp & __GFP_ZERO))
			memset(vaddr[i], 0, pool->size);
	}
	return true;
}

size_t dma_pool_alloc_bulk(struct dma_pool *pool, gfp_t gfp, size_t nr,
			   struct dma_pool_block *blocks)
{
	size_t got, n;

	for (got = 0; got < nr; got += n) {
		n = min_t(size_t, nr - got, BULK);
		if (!get_bulk(pool, gfp, n, blocks + got))
			break;
	}
	return got;
}

void dma_pool_free_bulk(struct dma_pool *pool, size_t nr,
			const struct dma_pool_block *blocks)
{
	struct rte_mempool_cache *cache = my_cache(pool->mp);
	void *vaddr[BULK];
	size_t i, n;

	for (; nr; nr -= n, blocks += n) {
		n = min_t(size_t, nr, BULK);
		for (i = 0; i < n; i++)
			vaddr[i] = blocks[i].vaddr;
		rte_mempool_generic_put(pool->mp, vaddr, n, cache);
	}
}
