/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/list.h>: the kernel's names over liburcu's lists. */
#ifndef SHIM_LINUX_LIST_H
#define SHIM_LINUX_LIST_H

#include <stddef.h>
#include <urcu/list.h>

#define list_head	cds_list_head
#define LIST_HEAD	CDS_LIST_HEAD
#define INIT_LIST_HEAD	CDS_INIT_LIST_HEAD

#define list_add	cds_list_add
#define list_add_tail	cds_list_add_tail
#define list_del	cds_list_del
#define list_move	cds_list_move
#define list_empty	cds_list_empty
#define list_splice_init(from, to)			\
	do {						\
		cds_list_splice(from, to);		\
		INIT_LIST_HEAD(from);			\
	} while (0)
#define list_first_entry cds_list_first_entry

#define list_for_each_entry		cds_list_for_each_entry
#define list_for_each_entry_safe	cds_list_for_each_entry_safe

#endif
