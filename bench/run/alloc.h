/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Allocation for the runner, which has nothing sensible to do without memory but to
 * say so and end. What these return is freed by the caller.
 */
#ifndef RUN_ALLOC_H
#define RUN_ALLOC_H

#include <stdarg.h>
#include <stddef.h>

/* calloc() that does not fail. */
void *xcalloc(size_t n, size_t size);

/* reallocarray() that does not fail. */
void *xgrow(void *old, size_t n, size_t size);

/* vasprintf() and asprintf() that do not fail and return their string. */
__attribute__((format(printf, 1, 0)))
char *xvprintf(const char *format, va_list args);

__attribute__((format(printf, 1, 2)))
char *xprintf(const char *format, ...);

#endif
