/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/poison.h>: the bytes the kernel's pools use. */
#ifndef SHIM_LINUX_POISON_H
#define SHIM_LINUX_POISON_H

#define POOL_POISON_FREED	0xa7
#define POOL_POISON_ALLOCATED	0xa9

#endif
