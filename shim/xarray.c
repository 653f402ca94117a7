// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arrays of pointers at any index: radix trees that are as high as their largest index
 * needs.  An empty node is freed after a grace period, since readers may be in it.
 */
#include <limits.h>
#include <linux/bitops.h>
#include <linux/irqflags.h>
#include <linux/sched/mm.h>
#include <linux/xarray.h>
#include <stdlib.h>

#include "internal.h"

#define SHIFT	6
#define SLOTS	(1 << SHIFT)

struct shim_xa_node {
	struct shim_xa_node *parent;
	unsigned int shift;		/* of the bits of an index that choose the slot */
	unsigned int used;
	struct rcu_head rcu;
	void *slot[SLOTS];		/* entries, or nodes where there is a shift */
};

static void *error_entry(long error)
{
	return (void *)(error * 4 + 2);
}

/* Nodes are not counted as kmalloc's objects: the kernel's are from a cache. */
static struct shim_xa_node *new_node(struct shim_xa_node *parent, unsigned int shift)
{
	struct shim_xa_node *node;
	unsigned long flags;

	if (shim_should_fail())
		return NULL;
	local_irq_save(flags);
	node = calloc(1, sizeof(*node));
	local_irq_restore(flags);
	if (node) {
		node->parent = parent;
		node->shift = shift;
	}
	return node;
}

static void free_node(struct rcu_head *head)
{
	free(container_of(head, struct shim_xa_node, rcu));
}

/* The largest index below a node. */
static unsigned long reach(const struct shim_xa_node *node)
{
	unsigned int bits = node->shift + SHIFT;

	return bits < BITS_PER_LONG ? (1UL << bits) - 1 : ULONG_MAX;
}

static void **slot_of(struct shim_xa_node *node, unsigned long index)
{
	return &node->slot[index >> node->shift & (SLOTS - 1)];
}

/* The node that has the index's own slot; NULL if there is none. */
static struct shim_xa_node *find_leaf(struct xarray *xa, unsigned long index)
{
	struct shim_xa_node *node = rcu_dereference(xa->top);

	if (node && index > reach(node))
		return NULL;
	while (node && node->shift)
		node = rcu_dereference(*slot_of(node, index));
	return node;
}

void *xa_load(struct xarray *xa, unsigned long index)
{
	struct shim_xa_node *leaf;
	void *entry = NULL;

	rcu_read_lock();
	leaf = find_leaf(xa, index);
	if (leaf)
		entry = rcu_dereference(*slot_of(leaf, index));
	rcu_read_unlock();
	return entry;
}

/* Such that the top reaches the index. */
static unsigned int shift_for(unsigned long index)
{
	unsigned int shift = 0;

	while (shift + SHIFT < BITS_PER_LONG && index >> (shift + SHIFT))
		shift += SHIFT;
	return shift;
}

/* A node goes above the top until that reaches the index; false without memory. */
static bool grow_up(struct xarray *xa, unsigned long index)
{
	struct shim_xa_node *old, *node;

	while (!(old = xa->top) || index > reach(old)) {
		node = new_node(NULL, old ? old->shift + SHIFT : shift_for(index));
		if (!node)
			return false;
		if (old) {
			node->slot[0] = old;
			node->used = 1;
			old->parent = node;
		}
		rcu_assign_pointer(xa->top, node);
	}
	return true;
}

/* Down to the index's leaf, or as far as there is memory for nodes. */
static struct shim_xa_node *grow_down(struct xarray *xa, unsigned long index)
{
	struct shim_xa_node *node = xa->top, *next;

	for (; node->shift; node = next) {
		next = *slot_of(node, index);
		if (next)
			continue;
		next = new_node(node, node->shift - SHIFT);
		if (!next)
			break;
		node->used++;
		rcu_assign_pointer(*slot_of(node, index), next);
	}
	return node;
}

/* Takes empty nodes out, from this one up. */
static void prune(struct xarray *xa, struct shim_xa_node *node, unsigned long index)
{
	struct shim_xa_node *parent;

	for (; node && !node->used; node = parent) {
		parent = node->parent;
		if (parent) {
			rcu_assign_pointer(*slot_of(parent, index), NULL);
			parent->used--;
		} else {
			rcu_assign_pointer(xa->top, NULL);
		}
		call_rcu(&node->rcu, free_node);
	}
}

void *__xa_erase(struct xarray *xa, unsigned long index)
{
	struct shim_xa_node *leaf = find_leaf(xa, index);
	void *old;

	if (!leaf)
		return NULL;
	old = *slot_of(leaf, index);
	if (old) {
		rcu_assign_pointer(*slot_of(leaf, index), NULL);
		leaf->used--;
		prune(xa, leaf, index);
	}
	return old;
}

void *__xa_store(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp)
{
	struct shim_xa_node *leaf;
	void *old;

	if (!entry)
		return __xa_erase(xa, index);
	if (!grow_up(xa, index))
		return error_entry(-ENOMEM);
	leaf = grow_down(xa, index);
	if (leaf->shift) {
		prune(xa, leaf, index);
		return error_entry(-ENOMEM);
	}
	old = *slot_of(leaf, index);
	leaf->used += !old;
	rcu_assign_pointer(*slot_of(leaf, index), entry);
	return old;
}

int __xa_insert(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp)
{
	return xa_load(xa, index) ? -EBUSY : xa_err(__xa_store(xa, index, entry, gfp));
}

void *xa_store(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp)
{
	void *old;

	might_alloc(gfp);
	xa_lock(xa);
	old = __xa_store(xa, index, entry, gfp);
	xa_unlock(xa);
	return old;
}

void *xa_store_irq(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp)
{
	void *old;

	might_alloc(gfp);
	xa_lock_irq(xa);
	old = __xa_store(xa, index, entry, gfp);
	xa_unlock_irq(xa);
	return old;
}

void *xa_erase(struct xarray *xa, unsigned long index)
{
	return xa_store(xa, index, NULL, GFP_NOWAIT);
}

void *xa_erase_irq(struct xarray *xa, unsigned long index)
{
	return xa_store_irq(xa, index, NULL, GFP_NOWAIT);
}

int xa_insert(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp)
{
	int ret;

	might_alloc(gfp);
	xa_lock(xa);
	ret = __xa_insert(xa, index, entry, gfp);
	xa_unlock(xa);
	return ret;
}

/* From the index on; where nothing is, a whole node's reach is passed over. */
static void *find(struct xarray *xa, unsigned long *index, unsigned long max)
{
	struct shim_xa_node *node;
	unsigned long i = *index;
	void *entry;

	do {
		node = rcu_dereference(xa->top);
		if (!node || i > reach(node))
			return NULL;
		while ((entry = rcu_dereference(*slot_of(node, i))) && node->shift)
			node = entry;
		if (entry && i <= max) {
			*index = i;
			return entry;
		}
		i = ((i >> node->shift) + 1) << node->shift;
	} while (i && i <= max);
	return NULL;
}

void *xa_find(struct xarray *xa, unsigned long *index, unsigned long max, xa_mark_t mark)
{
	void *entry;

	rcu_read_lock();
	entry = find(xa, index, max);
	rcu_read_unlock();
	return entry;
}

void *xa_find_after(struct xarray *xa, unsigned long *index, unsigned long max,
		    xa_mark_t mark)
{
	unsigned long i = *index + 1;
	void *entry = i ? xa_find(xa, &i, max, mark) : NULL;

	if (entry)
		*index = i;
	return entry;
}

void xa_destroy(struct xarray *xa)
{
	unsigned long flags, index = 0;

	xa_lock_irqsave(xa, flags);
	while (find(xa, &index, ULONG_MAX))
		__xa_erase(xa, index);
	xa_unlock_irqrestore(xa, flags);
}

int xa_alloc(struct xarray *xa, u32 *id, void *entry, struct xa_limit limit, gfp_t gfp)
{
	unsigned long index = limit.min;
	int ret;

	if (xa->xa_flags == XA_FLAGS_ALLOC1 && !index)
		index = 1;
	do
		ret = index <= limit.max ? xa_insert(xa, index, entry, gfp) : -EBUSY;
	while (ret == -EBUSY && index++ < limit.max);
	if (!ret)
		*id = index;
	return ret;
}
