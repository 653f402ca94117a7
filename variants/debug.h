/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The debug checks of a pool, chosen at run time when it is created: free blocks are
 * poisoned and looked at when they go out, and each page has a bit for every block
 * that is out, which finds a double free wherever the core keeps its free blocks.
 * Part of frontend.h.
 */
#ifndef VARIANTS_DEBUG_H
#define VARIANTS_DEBUG_H

#include <asm/barrier.h>
#include <linux/jump_label.h>
#include <linux/rcupdate.h>

#include "core.h"

#ifdef CORE_HAS_NO_PAGES
static inline bool pool_set_check_new(bool on)
{
	return false;
}

static inline bool pool_check_new(void)
{
	return false;
}

static inline bool pool_checked(const struct pool_base *base)
{
	return false;
}

static inline void debug_alloc(struct pool_base *base, void *vaddr, dma_addr_t dma,
			       gfp_t gfp)
{
}

static inline bool debug_free(struct pool_base *base, void *vaddr, dma_addr_t dma)
{
	return true;
}
#else
/* Whether new pools are checked.  The key stays on once any is, for its lifetime. */
static bool check_new_pools;
static DEFINE_STATIC_KEY_FALSE(pool_debug_key);

static bool pool_set_check_new(bool on)
{
	if (on)
		static_branch_enable(&pool_debug_key);
	/* Release pairs with pool_check_new(): the key is on before a pool is checked. */
	smp_store_release(&check_new_pools, on);
	return true;
}

static bool pool_check_new(void)
{
	/* Acquire pairs with pool_set_check_new(). */
	return smp_load_acquire(&check_new_pools);
}

static __always_inline bool pool_checked(const struct pool_base *base)
{
	return static_branch_unlikely(&pool_debug_key) && base->debug;
}

/*
 * The page a DMA address lies in, if it is one of the pool's.  Under rcu_read_lock():
 * an address that is wrong may be that of a page about to go.
 */
#ifdef CORE_HAS_FIND_PAGE
static struct pool_page *debug_find_page(struct pool_base *base, dma_addr_t dma)
{
	return core_find_page(container_of(base, struct dma_pool, base), dma);
}
#else
static struct pool_page *debug_find_page(struct pool_base *base, dma_addr_t dma)
{
	struct pool_page *page, *found = NULL;
	unsigned long flags;

	spin_lock_irqsave(&base->pages_lock, flags);
	list_for_each_entry(page, &base->pages, pages) {
		if (dma >= page->dma && dma - page->dma < base->allocation) {
			found = page;
			break;
		}
	}
	spin_unlock_irqrestore(&base->pages_lock, flags);
	return found;
}
#endif

/* Whether a block of the pool starts at this offset of a page. */
static bool debug_is_block(const struct pool_base *base, unsigned int offset)
{
	unsigned int start = rounddown(offset, base->boundary);

	return (offset - start) % base->size == 0 &&
	       offset + base->size <= min(start + base->boundary, base->allocation);
}

static bool debug_mark_out(struct pool_base *base, void *vaddr, dma_addr_t dma)
{
	struct pool_page *page = debug_find_page(base, dma);

	return page && vaddr - page->vaddr == dma - page->dma &&
	       !test_and_set_bit((dma - page->dma) / base->size, page->out);
}

static noinline void debug_alloc(struct pool_base *base, void *vaddr, dma_addr_t dma,
				 gfp_t gfp)
{
	u8 *data = vaddr;
	unsigned int i;

	rcu_read_lock();
	if (!debug_mark_out(base, vaddr, dma))
		dev_err(base->dev, "dma_pool_alloc %s, %p/%pad (handed out wrongly)\n",
			base->name, vaddr, &dma);
	rcu_read_unlock();

	for (i = CORE_LINK_BYTES; i < base->size; i++) {
		if (data[i] == POOL_POISON_FREED)
			continue;
		dev_err(base->dev, "dma_pool_alloc %s, %p (corrupted)\n",
			base->name, vaddr);
		print_hex_dump(KERN_ERR, "", DUMP_PREFIX_OFFSET, 16, 1, data,
			       base->size, 1);
		break;
	}
	if (!want_init_on_alloc(gfp))
		memset(vaddr, POOL_POISON_ALLOCATED, base->size);
}

static bool debug_mark_in(struct pool_base *base, void *vaddr, dma_addr_t dma)
{
	struct pool_page *page = debug_find_page(base, dma);
	unsigned int offset;

	if (!page || !debug_is_block(base, dma - page->dma)) {
		dev_err(base->dev, "dma_pool_free %s, %p/%pad (bad dma)\n",
			base->name, vaddr, &dma);
		return false;
	}
	offset = dma - page->dma;
	if (vaddr != page->vaddr + offset) {
		dev_err(base->dev, "dma_pool_free %s, %p (bad vaddr)/%pad\n",
			base->name, vaddr, &dma);
		return false;
	}
	if (!test_and_clear_bit(offset / base->size, page->out)) {
		dev_err(base->dev, "dma_pool_free %s, dma %pad already free\n",
			base->name, &dma);
		return false;
	}
	return true;
}

/* Whether the block may go back to the pool; what may not is reported and kept. */
static noinline bool debug_free(struct pool_base *base, void *vaddr, dma_addr_t dma)
{
	bool was_out;

	rcu_read_lock();
	was_out = debug_mark_in(base, vaddr, dma);
	rcu_read_unlock();
	/* The block keeps its page until the core has it. */
	if (was_out)
		memset(vaddr, POOL_POISON_FREED, base->size);
	return was_out;
}
#endif /* CORE_HAS_NO_PAGES */

#endif
