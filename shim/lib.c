// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's log and string helpers: printk with the kernel's %pad, hex dumps,
 * warnings, scnprintf, strscpy.  Interrupts are masked around libc, which is not
 * async-signal-safe.
 */
#include <ctype.h>
#include <errno.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "shim.h"

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static FILE *capture;
static char *captured;
static size_t captured_len;
static unsigned int warnings;

static unsigned long lock_log(void)
{
	unsigned long flags;

	local_irq_save(flags);
	pthread_mutex_lock(&log_lock);
	return flags;
}

static void unlock_log(unsigned long flags)
{
	pthread_mutex_unlock(&log_lock);
	local_irq_restore(flags);
}

void shim_log_capture(void)
{
	unsigned long flags = lock_log();

	capture = open_memstream(&captured, &captured_len);
	unlock_log(flags);
}

const char *shim_log_text(void)
{
	unsigned long flags = lock_log();

	fflush(capture);
	unlock_log(flags);
	return captured;
}

void shim_log_release(void)
{
	unsigned long flags = lock_log();

	fclose(capture);
	free(captured);
	capture = NULL;
	captured = NULL;
	unlock_log(flags);
}

static void log_line(const char *line)
{
	unsigned long flags = lock_log();

	fputs(line, capture ? capture : stderr);
	unlock_log(flags);
}

/*
 * Prints one conversion of fmt, which starts at '%'; the rest of fmt.  %pad, a
 * pointer to a DMA address, is the kernel's; everything else is libc's, which takes
 * its argument off args by itself.
 */
static const char *convert(FILE *out, const char *fmt, va_list *args)
{
	size_t len = 1 + strspn(fmt + 1, "-+ #0123456789.lhzjt");
	char spec[32];

	if (!strncmp(fmt, "%pad", 4)) {
		fprintf(out, "0x%016llx",
			(unsigned long long)*va_arg(*args, dma_addr_t *));
		return fmt + 4;
	}
	snprintf(spec, sizeof(spec), "%.*s", (int)len + 1, fmt);
	switch (fmt[len]) {
	case 's':
	case 'p':
		fprintf(out, spec, va_arg(*args, void *));
		break;
	case '%':
		fputc('%', out);
		break;
	default:
		if (strcspn(spec, "lzjt") < len)
			fprintf(out, spec, va_arg(*args, long));
		else
			fprintf(out, spec, va_arg(*args, int));
	}
	return fmt + len + 1;
}

void printk(const char *fmt, ...)
{
	unsigned long flags;
	size_t len;
	char *line;
	va_list args;
	FILE *out;

	if (fmt[0] == '<' && fmt[1] && fmt[2] == '>')
		fmt += 3;
	local_irq_save(flags);
	out = open_memstream(&line, &len);
	va_start(args, fmt);
	while (*fmt)
		if (*fmt == '%')
			fmt = convert(out, fmt, &args);
		else
			fputc(*fmt++, out);
	va_end(args);
	fclose(out);
	log_line(line);
	free(line);
	local_irq_restore(flags);
}

#define ROW 16

/* Without a level, as every line, and always by offset, 16 single bytes a row. */
void print_hex_dump(const char *level, const char *prefix, int prefix_type,
		    int rowsize, int groupsize, const void *buf, size_t len,
		    bool ascii)
{
	const u8 *p = buf;
	char hex[ROW * 3 + 1], text[ROW + 1];

	for (size_t at = 0; at < len; at += ROW) {
		size_t n = min_t(size_t, ROW, len - at);

		for (size_t i = 0; i < n; i++) {
			snprintf(hex + 3 * i, 4, "%02x ", p[at + i]);
			text[i] = isprint(p[at + i]) ? p[at + i] : '.';
		}
		hex[3 * n - 1] = '\0';
		text[n] = '\0';
		printk(ascii ? "%s%08zx: %-47s  %s\n" : "%s%08zx: %s\n", prefix, at,
		       hex, text);
	}
}

void shim_warn(const char *file, int line, const char *cond)
{
	__atomic_add_fetch(&warnings, 1, __ATOMIC_RELAXED);
	printk("WARNING: %s:%d: %s\n", file, line, cond);
}

unsigned int shim_warnings(void)
{
	return __atomic_load_n(&warnings, __ATOMIC_RELAXED);
}

int vscnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	int n = vsnprintf(buf, size, fmt, args);

	return !size ? 0 : min_t(int, n, size - 1);
}

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vscnprintf(buf, size, fmt, args);
	va_end(args);
	return n;
}

ssize_t strscpy(char *dst, const char *src, size_t size)
{
	size_t len = strnlen(src, size);

	if (!size)
		return -E2BIG;
	if (len == size) {
		memcpy(dst, src, size - 1);
		dst[size - 1] = '\0';
		return -E2BIG;
	}
	memcpy(dst, src, len + 1);
	return len;
}
