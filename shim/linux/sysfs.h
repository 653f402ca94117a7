/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/sysfs.h>: part of <linux/device.h> here. */
#include <linux/device.h>
