/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/numa.h>. */
#include <linux/nodemask_types.h>
