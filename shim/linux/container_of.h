/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/container_of.h>: part of <linux/kernel.h> here. */
#include <linux/kernel.h>
