/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/sched.h>: included by mm/dmapool.c, nothing of it is used. */
