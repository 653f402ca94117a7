/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What others wrote, made fit for a line of ours.
 */
#ifndef RUN_TEXT_H
#define RUN_TEXT_H

#include <ctype.h>

/* Blanks in place of line ends and of what a terminal would obey. */
static inline char *one_line(char *text)
{
	char *c;

	for (c = text; *c; c++)
		if (iscntrl((unsigned char)*c))
			*c = ' ';
	return text;
}

#endif
