/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stand-in for <linux/rculist.h>: the kernel's names over liburcu's RCU lists.  Taking
 * an entry out is our own: liburcu's stores the pointer plainly, which to
 * ThreadSanitizer is a race with the readers, and leads them to the next entry unseen.
 */
#ifndef SHIM_LINUX_RCULIST_H
#define SHIM_LINUX_RCULIST_H

#include <linux/list.h>
#include <linux/rcupdate.h>
#include <urcu/rculist.h>

#define list_add_rcu		cds_list_add_rcu
#define list_add_tail_rcu	cds_list_add_tail_rcu
#define list_for_each_entry_rcu(pos, head, member, ...) \
	cds_list_for_each_entry_rcu(pos, head, member)

static inline void list_del_rcu(struct list_head *entry)
{
	entry->next->prev = entry->prev;
	rcu_assign_pointer(entry->prev->next, entry->next);
}

#endif
