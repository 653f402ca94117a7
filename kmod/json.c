// SPDX-License-Identifier: GPL-2.0-only
/* JSON by hand: the kernel has no writer of it. */
#include <linux/math64.h>
#include <linux/seq_file.h>

#include "json.h"
#include "results.h"

void json_string(struct seq_file *seq, const char *text)
{
	seq_putc(seq, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			seq_putc(seq, '\\');
		seq_putc(seq, *text < ' ' || *text > '~' ? ' ' : *text);
	}
	seq_putc(seq, '"');
}

void json_text(struct seq_file *seq, const char *indent, const char *key,
	       const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vscnprintf(text, sizeof(text), format, args);
	va_end(args);
	seq_printf(seq, ",\n%s\"%s\": ", indent, key);
	json_string(seq, text);
}

void json_micro(struct seq_file *seq, u64 micro)
{
	u32 rest;
	u64 whole = div_u64_rem(micro, MICRO, &rest);

	seq_printf(seq, "%llu.%06u", whole, rest);
}
