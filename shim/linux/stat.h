/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/stat.h>: libc's own headers include this name, so pass it on. */
#include_next <linux/stat.h>
