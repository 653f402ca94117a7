/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/gfp_types.h>: part of <linux/gfp.h> here. */
#include <linux/gfp.h>
