/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The front end: <linux/dmapool.h> and dmapool_ext.h over the core that includes it
 * last.  Parameter rules, the device's list of pools and its sysfs file, zeroing,
 * and managed pools are here, debug checks in debug.h.  The rules and formats
 * are those of mm/dmapool.c since 6.4.
 */
#ifndef VARIANTS_FRONTEND_H
#define VARIANTS_FRONTEND_H

#include <linux/export.h>
#include <linux/mutex.h>
#include <linux/sched/mm.h>

#include "core.h"
#include "debug.h"
#include "kasan.h"

/*
 * pools_lock keeps the list whole for readers of the pools file.  pools_reg_lock
 * keeps the file and the list's being empty together, and must be another lock:
 * removing the file waits for its readers, who take pools_lock.
 */
static DEFINE_MUTEX(pools_lock);
static DEFINE_MUTEX(pools_reg_lock);

/* What happens to a block between the core and the caller, on the way out ... */
static void pool_block_out(struct pool_base *base, void *vaddr, dma_addr_t dma, gfp_t gfp)
{
	if (pool_checked(base))
		debug_alloc(base, vaddr, dma, gfp);
	else
		pool_kasan_out(base, vaddr);
	if (want_init_on_alloc(gfp))
		memset(vaddr, 0, base->size);
}

/* ... and back: false if the core must not see the block. */
static bool pool_block_in(struct pool_base *base, void *vaddr, dma_addr_t dma)
{
	if (pool_checked(base))
		return debug_free(base, vaddr, dma);
	if (want_init_on_free())
		memset(vaddr, 0, base->size);
	pool_kasan_in(base, vaddr);
	return true;
}

/*
 * Whether anything does.  Asked before the core is called, so that nothing is left to
 * do after it and its slow path is a tail call: the fast one saves no registers.
 */
static __always_inline bool alloc_is_plain(const struct pool_base *base, gfp_t gfp)
{
	return likely(!POOL_KASAN && !want_init_on_alloc(gfp) && !pool_checked(base));
}

static __always_inline bool free_is_plain(const struct pool_base *base)
{
	return likely(!POOL_KASAN && !want_init_on_free() && !pool_checked(base));
}

static noinline void *alloc_prepared(struct dma_pool *pool, gfp_t gfp, dma_addr_t *handle)
{
	void *vaddr = core_alloc(pool, gfp & ~__GFP_ZERO, handle);

	if (vaddr)
		pool_block_out(&pool->base, vaddr, *handle, gfp);
	return vaddr;
}

static noinline void free_prepared(struct dma_pool *pool, void *vaddr, dma_addr_t dma)
{
	if (pool_block_in(&pool->base, vaddr, dma))
		core_free(pool, vaddr, dma);
}

bool dma_pool_set_debug(bool on)
{
	return pool_set_check_new(on);
}
EXPORT_SYMBOL(dma_pool_set_debug);

void *dma_pool_alloc(struct dma_pool *pool, gfp_t gfp, dma_addr_t *handle)
{
	might_alloc(gfp);
	if (!alloc_is_plain(&pool->base, gfp))
		return alloc_prepared(pool, gfp, handle);
	return core_alloc(pool, gfp, handle);
}
EXPORT_SYMBOL(dma_pool_alloc);

void dma_pool_free(struct dma_pool *pool, void *vaddr, dma_addr_t dma)
{
	if (!free_is_plain(&pool->base)) {
		free_prepared(pool, vaddr, dma);
		return;
	}
	core_free(pool, vaddr, dma);
}
EXPORT_SYMBOL(dma_pool_free);

#ifndef CORE_HAS_BULK
static size_t core_alloc_bulk(struct dma_pool *pool, gfp_t gfp, size_t nr,
			      struct dma_pool_block *blocks)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		blocks[i].vaddr = core_alloc(pool, gfp, &blocks[i].dma);
		if (!blocks[i].vaddr)
			break;
	}
	return i;
}

static void core_free_bulk(struct dma_pool *pool, size_t nr,
			   const struct dma_pool_block *blocks)
{
	size_t i;

	for (i = 0; i < nr; i++)
		core_free(pool, blocks[i].vaddr, blocks[i].dma);
}
#endif

size_t dma_pool_alloc_bulk(struct dma_pool *pool, gfp_t gfp, size_t nr,
			   struct dma_pool_block *blocks)
{
	size_t i, got;

	might_alloc(gfp);
	got = core_alloc_bulk(pool, gfp & ~__GFP_ZERO, nr, blocks);
	if (!alloc_is_plain(&pool->base, gfp))
		for (i = 0; i < got; i++)
			pool_block_out(&pool->base, blocks[i].vaddr, blocks[i].dma, gfp);
	return got;
}
EXPORT_SYMBOL(dma_pool_alloc_bulk);

void dma_pool_free_bulk(struct dma_pool *pool, size_t nr,
			const struct dma_pool_block *blocks)
{
	size_t i;

	if (free_is_plain(&pool->base)) {
		core_free_bulk(pool, nr, blocks);
		return;
	}
	for (i = 0; i < nr; i++)
		free_prepared(pool, blocks[i].vaddr, blocks[i].dma);
}
EXPORT_SYMBOL(dma_pool_free_bulk);

#ifdef CORE_HAS_CACHES
size_t dma_pool_bytes_stranded(struct dma_pool *pool)
{
	return core_bytes_stranded(pool);
}
EXPORT_SYMBOL(dma_pool_bytes_stranded);

size_t dma_pool_trim(struct dma_pool *pool)
{
	return core_trim(pool);
}
EXPORT_SYMBOL(dma_pool_trim);
#else
static inline void core_quiesce(struct dma_pool *pool)
{
}
#endif

static ssize_t pools_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct pool_usage usage;
	struct dma_pool *pool;
	int size;

	size = sysfs_emit(buf, "poolinfo - 0.1\n");
	mutex_lock(&pools_lock);
	list_for_each_entry(pool, &dev->dma_pools, base.pools) {
		core_usage(pool, &usage);
		size += sysfs_emit_at(buf, size, "%-16s %4zu %4zu %4u %2zu\n",
				      pool->base.name, usage.active, usage.blocks,
				      pool->base.size, usage.pages);
	}
	mutex_unlock(&pools_lock);
	return size;
}

static DEVICE_ATTR_RO(pools);

static void pool_unlist(struct dma_pool *pool)
{
	bool last;

	mutex_lock(&pools_reg_lock);
	mutex_lock(&pools_lock);
	list_del(&pool->base.pools);
	last = list_empty(&pool->base.dev->dma_pools);
	mutex_unlock(&pools_lock);
	if (last)
		device_remove_file(pool->base.dev, &dev_attr_pools);
	mutex_unlock(&pools_reg_lock);
}

/* Lists the pool with its device; the first one makes the pools file. */
static int pool_list(struct dma_pool *pool)
{
	struct device *dev = pool->base.dev;
	bool first;
	int err = 0;

	mutex_lock(&pools_reg_lock);
	mutex_lock(&pools_lock);
	first = list_empty(&dev->dma_pools);
	list_add(&pool->base.pools, &dev->dma_pools);
	mutex_unlock(&pools_lock);
	if (first)
		err = device_create_file(dev, &dev_attr_pools);
	if (err) {
		mutex_lock(&pools_lock);
		list_del(&pool->base.pools);
		mutex_unlock(&pools_lock);
	}
	mutex_unlock(&pools_reg_lock);
	return err;
}

/* Fills in the geometry by mainline's rules, in mainline's order. */
static bool pool_geometry(struct pool_base *base, size_t size, size_t align,
			  size_t boundary)
{
	size_t allocation;
	unsigned int offset;

	if (!align)
		align = 1;
	else if (align & (align - 1))
		return false;
	if (!size || size > INT_MAX)
		return false;
	size = ALIGN(max(size, MIN_BLOCK_SIZE), align);
	if (size > UINT_MAX)
		return false;
	allocation = max_t(size_t, size, PAGE_SIZE);
	if (!boundary)
		boundary = allocation;
	else if (boundary < size || (boundary & (boundary - 1)))
		return false;

	base->size = size;
	base->allocation = allocation;
	base->boundary = min(boundary, allocation);
	pool_for_each_offset(base, offset)
		base->blocks_per_page++;
	return true;
}

struct dma_pool *dma_pool_create_node(const char *name, struct device *dev,
				      size_t size, size_t align, size_t boundary,
				      int node)
{
	struct pool_base base = { .dev = dev, .node = node, .debug = pool_check_new() };
	struct dma_pool *pool;

	if (!dev || !pool_geometry(&base, size, align, boundary))
		return NULL;
	pool = kzalloc_node(sizeof(*pool), GFP_KERNEL, node);
	if (!pool)
		return NULL;
	pool->base = base;
	strscpy(pool->base.name, name, sizeof(pool->base.name));
	spin_lock_init(&pool->base.pages_lock);
	INIT_LIST_HEAD(&pool->base.pages);
	if (core_init(pool))
		goto free_pool;
	if (pool_list(pool))
		goto exit_core;
	return pool;

exit_core:
	core_quiesce(pool);
	core_exit(pool);
free_pool:
	kfree(pool);
	return NULL;
}
EXPORT_SYMBOL(dma_pool_create_node);

/* A busy pool's memory is left to whoever still uses it; the headers go either way. */
static void pool_free_pages(struct pool_base *base, bool busy)
{
	struct pool_page *page, *next;

	list_for_each_entry_safe(page, next, &base->pages, pages) {
		if (!busy)
			dma_free_coherent(base->dev, base->allocation, page->vaddr,
					  page->dma);
		bitmap_free(page->out);
		kfree(page);
	}
}

void dma_pool_destroy(struct dma_pool *pool)
{
	struct pool_usage usage;

	if (unlikely(!pool))
		return;
	pool_unlist(pool);
	core_quiesce(pool);
	core_usage(pool, &usage);
	if (usage.active)
		dev_err(pool->base.dev, "%s %s busy\n", __func__, pool->base.name);
	core_exit(pool);
	pool_free_pages(&pool->base, usage.active);
	kfree(pool);
}
EXPORT_SYMBOL(dma_pool_destroy);

static void managed_release(struct device *dev, void *res)
{
	dma_pool_destroy(*(struct dma_pool **)res);
}

static int managed_match(struct device *dev, void *res, void *match_data)
{
	return *(struct dma_pool **)res == match_data;
}

struct dma_pool *dmam_pool_create(const char *name, struct device *dev, size_t size,
				  size_t align, size_t boundary)
{
	struct dma_pool **res, *pool;

	res = devres_alloc(managed_release, sizeof(*res), GFP_KERNEL);
	if (!res)
		return NULL;
	pool = *res = dma_pool_create_node(name, dev, size, align, boundary,
					   NUMA_NO_NODE);
	if (pool)
		devres_add(dev, res);
	else
		devres_free(res);
	return pool;
}
EXPORT_SYMBOL(dmam_pool_create);

void dmam_pool_destroy(struct dma_pool *pool)
{
	WARN_ON(devres_release(pool->base.dev, managed_release, managed_match, pool));
}
EXPORT_SYMBOL(dmam_pool_destroy);

#endif
