/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stand-in for <linux/xarray.h>: a radix tree of 64 slots a node like the kernel's, read
 * under RCU and written to under the array's lock.  An entry has one index; marks,
 * ranges and the xas_ calls are not here.
 */
#ifndef SHIM_LINUX_XARRAY_H
#define SHIM_LINUX_XARRAY_H

#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>

#define XA_FLAGS_LOCK_IRQ	1u
#define XA_FLAGS_LOCK_BH	2u
#define XA_FLAGS_ALLOC		4u
#define XA_FLAGS_ALLOC1		(XA_FLAGS_ALLOC | 16u)	/* from 1 on */

struct shim_xa_node;

struct xarray {
	spinlock_t xa_lock;
	unsigned int xa_flags;
	struct shim_xa_node *top;
};

#define XARRAY_INIT(name, flags)	{ .xa_flags = (flags) }
#define DEFINE_XARRAY_FLAGS(name, flags) \
	struct xarray name = XARRAY_INIT(name, flags)
#define DEFINE_XARRAY(name)		DEFINE_XARRAY_FLAGS(name, 0)
#define DEFINE_XARRAY_ALLOC(name)	DEFINE_XARRAY_FLAGS(name, XA_FLAGS_ALLOC)
#define DEFINE_XARRAY_ALLOC1(name)	DEFINE_XARRAY_FLAGS(name, XA_FLAGS_ALLOC1)

static inline void xa_init_flags(struct xarray *xa, unsigned int flags)
{
	*xa = (struct xarray)XARRAY_INIT(xa, flags);
}

static inline void xa_init(struct xarray *xa)
{
	xa_init_flags(xa, 0);
}

/* Numbers have the lowest bit set, errors the one above. */
static inline void *xa_mk_value(unsigned long v)
{
	return (void *)(v << 1 | 1);
}

static inline unsigned long xa_to_value(const void *entry)
{
	return (unsigned long)entry >> 1;
}

static inline bool xa_is_value(const void *entry)
{
	return (unsigned long)entry & 1;
}

static inline bool xa_is_err(const void *entry)
{
	return ((unsigned long)entry & 3) == 2 &&
	       (long)entry >> 2 >= -MAX_ERRNO && (long)entry < 0;
}

static inline int xa_err(const void *entry)
{
	return xa_is_err(entry) ? (long)entry >> 2 : 0;
}

#define xa_lock(xa)		spin_lock(&(xa)->xa_lock)
#define xa_unlock(xa)		spin_unlock(&(xa)->xa_lock)
#define xa_lock_irq(xa)		spin_lock_irq(&(xa)->xa_lock)
#define xa_unlock_irq(xa)	spin_unlock_irq(&(xa)->xa_lock)
#define xa_lock_bh(xa)		spin_lock_bh(&(xa)->xa_lock)
#define xa_unlock_bh(xa)	spin_unlock_bh(&(xa)->xa_lock)
#define xa_lock_irqsave(xa, flags)	spin_lock_irqsave(&(xa)->xa_lock, flags)
#define xa_unlock_irqrestore(xa, flags)	spin_unlock_irqrestore(&(xa)->xa_lock, flags)

static inline bool xa_empty(const struct xarray *xa)
{
	return !READ_ONCE(xa->top);
}

/* Any context; NULL where nothing is. */
void *xa_load(struct xarray *xa, unsigned long index);

/*
 * With the lock held: the entry that was there before, or an error as an entry.  Unlike
 * the kernel's, which lets go of the lock for it, they never sleep for memory.
 */
void *__xa_store(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp);
void *__xa_erase(struct xarray *xa, unsigned long index);
/* -EBUSY if something is there. */
int __xa_insert(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp);

/* The same, taking the lock. */
void *xa_store(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp);
void *xa_erase(struct xarray *xa, unsigned long index);
int xa_insert(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp);
/* Of an array whose lock is taken by interrupts, too; interrupts are on before. */
void *xa_store_irq(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp);
void *xa_erase_irq(struct xarray *xa, unsigned long index);
#define xa_store_bh(xa, index, entry, gfp)	xa_store_irq(xa, index, entry, gfp)
#define xa_erase_bh(xa, index)			xa_erase_irq(xa, index)

/* Empties it. */
void xa_destroy(struct xarray *xa);

typedef unsigned int xa_mark_t;
#define XA_PRESENT	((xa_mark_t)8)

/* The first entry at or after, or after, *index, up to max; sets *index to its own. */
void *xa_find(struct xarray *xa, unsigned long *index, unsigned long max, xa_mark_t mark);
void *xa_find_after(struct xarray *xa, unsigned long *index, unsigned long max,
		    xa_mark_t mark);

#define xa_for_each_range(xa, index, entry, first, last)		\
	for (index = (first),						\
	     entry = xa_find(xa, &index, last, XA_PRESENT); entry;	\
	     entry = xa_find_after(xa, &index, last, XA_PRESENT))
#define xa_for_each_start(xa, index, entry, first) \
	xa_for_each_range(xa, index, entry, first, ULONG_MAX)
#define xa_for_each(xa, index, entry)	xa_for_each_start(xa, index, entry, 0)

struct xa_limit {
	u32 max;
	u32 min;
};

#define XA_LIMIT(lo, hi)	((struct xa_limit) { .min = (lo), .max = (hi) })
#define xa_limit_32b		XA_LIMIT(0, UINT_MAX)
#define xa_limit_31b		XA_LIMIT(0, INT_MAX)
#define xa_limit_16b		XA_LIMIT(0, USHRT_MAX)

/* At the lowest index that is free; -EBUSY if none is. */
int xa_alloc(struct xarray *xa, u32 *id, void *entry, struct xa_limit limit, gfp_t gfp);

#endif
