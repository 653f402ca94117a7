// SPDX-License-Identifier: GPL-2.0-only
/*
 * The one way in which the runner ends for want of memory.
 */
#define _GNU_SOURCE 1	/* vasprintf() */

#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "alloc.h"
#include "exit.h"

static void *present(void *p)
{
	if (!p)
		errx(EXIT_FAILED, "out of memory: free some and start again");
	return p;
}

void *xcalloc(size_t n, size_t size)
{
	return present(calloc(n, size));
}

void *xgrow(void *old, size_t n, size_t size)
{
	return present(reallocarray(old, n, size));
}

char *xvprintf(const char *format, va_list args)
{
	char *s;

	return present(vasprintf(&s, format, args) < 0 ? NULL : s);
}

char *xprintf(const char *format, ...)
{
	va_list args;
	char *s;

	va_start(args, format);
	s = xvprintf(format, args);
	va_end(args);
	return s;
}
