/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stand-in for <linux/list.h>: the kernel's names over liburcu's lists, and what they
 * lack.  What was deleted is not poisoned.
 */
#ifndef SHIM_LINUX_LIST_H
#define SHIM_LINUX_LIST_H

#include <linux/compiler.h>
#include <stdbool.h>
#include <stddef.h>
#include <urcu/list.h>

#define list_head	cds_list_head
#define LIST_HEAD	CDS_LIST_HEAD
#define LIST_HEAD_INIT	CDS_LIST_HEAD_INIT
#define INIT_LIST_HEAD	CDS_INIT_LIST_HEAD

#define list_add	cds_list_add
#define list_add_tail	cds_list_add_tail
#define list_del	cds_list_del
#define list_del_init	cds_list_del_init
#define list_move	cds_list_move
#define list_replace	cds_list_replace
#define list_replace_init	cds_list_replace_init
#define list_splice	cds_list_splice

#define list_entry	cds_list_entry
#define list_first_entry cds_list_first_entry
#define list_last_entry(head, type, member) \
	list_entry((head)->prev, type, member)
#define list_first_entry_or_null(head, type, member) \
	(list_empty(head) ? NULL : list_first_entry(head, type, member))
#define list_last_entry_or_null(head, type, member) \
	(list_empty(head) ? NULL : list_last_entry(head, type, member))
#define list_next_entry(pos, member) \
	list_entry((pos)->member.next, typeof(*(pos)), member)
#define list_prev_entry(pos, member) \
	list_entry((pos)->member.prev, typeof(*(pos)), member)
#define list_entry_is_head(pos, head, member)	(&(pos)->member == (head))

#define list_for_each		cds_list_for_each
#define list_for_each_safe	cds_list_for_each_safe
#define list_for_each_prev	cds_list_for_each_prev
#define list_for_each_entry		cds_list_for_each_entry
#define list_for_each_entry_safe	cds_list_for_each_entry_safe
#define list_for_each_entry_reverse	cds_list_for_each_entry_reverse
#define list_for_each_entry_from(pos, head, member)			\
	for (; !list_entry_is_head(pos, head, member);			\
	     pos = list_next_entry(pos, member))
#define list_for_each_entry_continue(pos, head, member)			\
	for (pos = list_next_entry(pos, member);			\
	     !list_entry_is_head(pos, head, member);			\
	     pos = list_next_entry(pos, member))
#define list_for_each_entry_safe_reverse(pos, before, head, member)	\
	for (pos = list_last_entry(head, typeof(*pos), member),		\
	     before = list_prev_entry(pos, member);			\
	     !list_entry_is_head(pos, head, member);			\
	     pos = before, before = list_prev_entry(before, member))

static inline bool list_empty(const struct list_head *head)
{
	return READ_ONCE(head->next) == head;
}

static inline void list_move_tail(struct list_head *entry, struct list_head *head)
{
	list_del(entry);
	list_add_tail(entry, head);
}

static inline void list_splice_tail(struct list_head *from, struct list_head *to)
{
	/* Behind the last is in front of the head. */
	list_splice(from, to->prev);
}

static inline void list_splice_init(struct list_head *from, struct list_head *to)
{
	list_splice(from, to);
	INIT_LIST_HEAD(from);
}

static inline void list_splice_tail_init(struct list_head *from, struct list_head *to)
{
	list_splice_tail(from, to);
	INIT_LIST_HEAD(from);
}

static inline bool list_is_first(const struct list_head *entry,
				 const struct list_head *head)
{
	return entry->prev == head;
}

static inline bool list_is_last(const struct list_head *entry,
				const struct list_head *head)
{
	return entry->next == head;
}

static inline bool list_is_head(const struct list_head *entry,
				const struct list_head *head)
{
	return entry == head;
}

static inline bool list_is_singular(const struct list_head *head)
{
	return !list_empty(head) && head->next == head->prev;
}

static inline void list_rotate_left(struct list_head *head)
{
	if (!list_empty(head))
		list_move_tail(head->next, head);
}

static inline size_t list_count_nodes(struct list_head *head)
{
	struct list_head *pos;
	size_t nr = 0;

	list_for_each(pos, head)
		nr++;
	return nr;
}

#endif
