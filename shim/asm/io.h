/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <asm/io.h>: included by <linux/dmapool.h>, nothing of it is used. */
