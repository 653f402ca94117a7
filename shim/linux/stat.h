/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stand-in for <linux/stat.h>: libc's own headers include this name, so pass it on.  The
 * modes of files are the kernel's alone.
 */
#include_next <linux/stat.h>

#ifndef SHIM_LINUX_STAT_H
#define SHIM_LINUX_STAT_H

#define S_IRUGO		0444
#define S_IWUGO		0222
#define S_IXUGO		0111
#define S_IRWXUGO	0777

#endif
