/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page source as a test sees it: which coherent memory a device has out, and how
 * often it was asked for.  The program is linked so that every call to the page source
 * comes by here.  Any thread may call, from any context.
 */
#ifndef TESTS_PAGES_H
#define TESTS_PAGES_H

#include "contract.h"

struct watched_page {
	char *vaddr;
	dma_addr_t dma;
	size_t bytes;			/* all of it, what was not asked for included */
};

/* Notes what is allocated for dev from now on, and counts from 0; NULL: no more. */
void pages_watch(struct device *dev);

/* How often memory was allocated since. */
size_t pages_allocated(void);

/* The page that an address lies in; false if it is in none. */
bool pages_find(const void *vaddr, struct watched_page *page);

/* visit() each page; none is freed meanwhile. */
void pages_for_each(void (*visit)(const struct watched_page *page, void *arg), void *arg);

#endif
