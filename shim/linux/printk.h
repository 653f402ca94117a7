/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stand-in for <linux/printk.h>.  Lines go to the shim's log (see shim.h), which
 * knows the kernel's %pad and prints to stderr unless a test captures it.
 */
#ifndef SHIM_LINUX_PRINTK_H
#define SHIM_LINUX_PRINTK_H

#include <linux/types.h>

#define KERN_ERR	"<3>"

enum { DUMP_PREFIX_OFFSET };

/* No format attribute: %pad is the kernel's own and gcc would reject it. */
void printk(const char *fmt, ...);
void print_hex_dump(const char *level, const char *prefix, int prefix_type,
		    int rowsize, int groupsize, const void *buf, size_t len,
		    bool ascii);

#ifndef pr_fmt
#define pr_fmt(fmt) fmt
#endif
#define pr_err(fmt, ...)	printk(KERN_ERR pr_fmt(fmt), ##__VA_ARGS__)

#endif
