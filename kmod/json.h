/* SPDX-License-Identifier: GPL-2.0-only */
/* The few forms of JSON that the files need, into a seq_file. */
#ifndef KMOD_JSON_H
#define KMOD_JSON_H

#include <linux/types.h>

struct seq_file;

/* A quoted string; what JSON cannot hold as it is becomes a blank. */
void json_string(struct seq_file *seq, const char *text);

/* ,\n<indent>"key": "formatted" */
__printf(4, 5)
void json_text(struct seq_file *seq, const char *indent, const char *key,
	       const char *format, ...);

/* Millionths as a number with its decimals. */
void json_micro(struct seq_file *seq, u64 micro);

#endif
