/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/scatterlist.h>: included by <linux/dmapool.h>, unused. */
