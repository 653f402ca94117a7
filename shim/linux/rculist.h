/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/rculist.h>: the kernel's names over liburcu's RCU lists. */
#ifndef SHIM_LINUX_RCULIST_H
#define SHIM_LINUX_RCULIST_H

#include <linux/list.h>
#include <linux/rcupdate.h>
#include <urcu/rculist.h>

#define list_add_rcu		cds_list_add_rcu
#define list_add_tail_rcu	cds_list_add_tail_rcu
#define list_del_rcu		cds_list_del_rcu
#define list_for_each_entry_rcu(pos, head, member, ...) \
	cds_list_for_each_entry_rcu(pos, head, member)

#endif
