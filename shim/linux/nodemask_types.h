/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/nodemask_types.h>. */
#ifndef SHIM_LINUX_NODEMASK_TYPES_H
#define SHIM_LINUX_NODEMASK_TYPES_H

#define NUMA_NO_NODE	(-1)

#endif
