// SPDX-License-Identifier: GPL-2.0-only
/* Notes every page between the page source and the pools. */
#include <linux/dma-mapping.h>
#include <linux/spinlock.h>

#include "pages.h"

#define MAX_PAGES	65536		/* more than any test has out */

void *__real_dma_alloc_coherent(struct device *dev, size_t size, dma_addr_t *handle,
				gfp_t gfp);
void __real_dma_free_coherent(struct device *dev, size_t size, void *vaddr,
			      dma_addr_t dma);

/* Of all below. */
static DEFINE_SPINLOCK(lock);
static struct device *watched;
static struct watched_page pages[MAX_PAGES];
static size_t nr_pages, nr_allocated;

static struct watched_page *find(const void *vaddr)
{
	struct watched_page *page;

	for (page = pages; page < pages + nr_pages; page++)
		if ((uintptr_t)vaddr - (uintptr_t)page->vaddr < page->bytes)
			return page;
	return NULL;
}

void *__wrap_dma_alloc_coherent(struct device *dev, size_t size, dma_addr_t *handle,
				gfp_t gfp)
{
	char *vaddr = __real_dma_alloc_coherent(dev, size, handle, gfp);
	unsigned long flags;

	spin_lock_irqsave(&lock, flags);
	if (vaddr && dev == watched && !WARN_ON(nr_pages == MAX_PAGES)) {
		pages[nr_pages++] = (struct watched_page) {
			vaddr, *handle, PAGE_ALIGN(size),
		};
		nr_allocated++;
	}
	spin_unlock_irqrestore(&lock, flags);
	return vaddr;
}

void __wrap_dma_free_coherent(struct device *dev, size_t size, void *vaddr,
			      dma_addr_t dma)
{
	struct watched_page *page;
	unsigned long flags;

	spin_lock_irqsave(&lock, flags);
	page = dev == watched ? find(vaddr) : NULL;
	if (page)
		*page = pages[--nr_pages];
	spin_unlock_irqrestore(&lock, flags);
	__real_dma_free_coherent(dev, size, vaddr, dma);
}

void pages_watch(struct device *dev)
{
	unsigned long flags;

	spin_lock_irqsave(&lock, flags);
	watched = dev;
	nr_pages = 0;
	nr_allocated = 0;
	spin_unlock_irqrestore(&lock, flags);
}

size_t pages_allocated(void)
{
	unsigned long flags;
	size_t nr;

	spin_lock_irqsave(&lock, flags);
	nr = nr_allocated;
	spin_unlock_irqrestore(&lock, flags);
	return nr;
}

bool pages_find(const void *vaddr, struct watched_page *page)
{
	struct watched_page *found;
	unsigned long flags;

	spin_lock_irqsave(&lock, flags);
	found = find(vaddr);
	if (found)
		*page = *found;
	spin_unlock_irqrestore(&lock, flags);
	return found;
}

void pages_for_each(void (*visit)(const struct watched_page *page, void *arg), void *arg)
{
	unsigned long flags;
	size_t i;

	spin_lock_irqsave(&lock, flags);
	for (i = 0; i < nr_pages; i++)
		visit(&pages[i], arg);
	spin_unlock_irqrestore(&lock, flags);
}
