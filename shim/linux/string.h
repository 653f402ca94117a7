/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/string.h>. */
#ifndef SHIM_LINUX_STRING_H
#define SHIM_LINUX_STRING_H

#include <linux/gfp.h>
#include <linux/types.h>
#include <string.h>

/*
 * Copies at most size - 1 bytes and terminates; -E2BIG when it had to cut.  Without a
 * size it is the array's.
 */
ssize_t shim_strscpy(char *dst, const char *src, size_t size);
#define SHIM_SIZE_GIVEN(dst, size, ...)	(size)
#define strscpy(dst, src, ...) \
	shim_strscpy(dst, src, SHIM_SIZE_GIVEN(dst, ##__VA_ARGS__, sizeof(dst)))

/* The same up to 6.7: returns the length that there was to copy. */
size_t shim_strlcpy(char *dst, const char *src, size_t size);
#define strlcpy(dst, src, size)	shim_strlcpy(dst, src, size)

/* The first byte that is another; NULL if none is. */
void *memchr_inv(const void *start, int c, size_t size);

/* A memset() that no compiler leaves out. */
void memzero_explicit(void *start, size_t size);

/* From kmalloc(). */
char *kstrdup(const char *text, gfp_t gfp);

#endif
