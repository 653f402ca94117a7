/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/string.h>. */
#ifndef SHIM_LINUX_STRING_H
#define SHIM_LINUX_STRING_H

#include <linux/types.h>
#include <string.h>

/* Copies at most size - 1 bytes and terminates; -E2BIG when it had to cut. */
ssize_t strscpy(char *dst, const char *src, size_t size);

#endif
