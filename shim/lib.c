// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's log and string helpers: printk with the kernel's pointers, hex dumps,
 * warnings, scnprintf, strscpy and the like.  Interrupts are masked around libc, which
 * is not async-signal-safe.
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
 * A pointer, and which letters and digits behind the p are its format: that of an address
 * that it points to (%pad, %pap) is known, any other is that of a plain pointer.
 */
static size_t print_pointer(FILE *out, const char *spec, const char *format,
			    const void *pointer)
{
	size_t length = 0;

	if (format[0] == 'a')
		fprintf(out, "0x%016llx", (unsigned long long)*(const u64 *)pointer);
	else
		fprintf(out, spec, pointer);
	while (isalnum(format[length]))
		length++;
	return length;
}

/*
 * Prints one conversion of fmt, which starts at '%'; the rest of fmt.  But for pointers
 * it is libc's, which takes its argument off args by itself.
 */
static const char *convert(FILE *out, const char *fmt, va_list *args)
{
	size_t len = 1 + strspn(fmt + 1, "-+ #0123456789.lhzjtL");
	const char *rest = fmt + len + 1;
	char spec[32];

	snprintf(spec, sizeof(spec), "%.*s", (int)len + 1, fmt);
	switch (fmt[len]) {
	case 'p':
		rest += print_pointer(out, spec, rest, va_arg(*args, void *));
		break;
	case 's':
		fprintf(out, spec, va_arg(*args, void *));
		break;
	case '%':
		fputc('%', out);
		break;
	default:
		if (strcspn(spec, "lzjtL") < len)
			fprintf(out, spec, va_arg(*args, long));
		else
			fprintf(out, spec, va_arg(*args, int));
	}
	return rest;
}

int printk(const char *fmt, ...)
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
	return len;
}

#define ROW 16

/* What stands before a row of a dump. */
static void print_prefix(char *text, size_t size, int type, const u8 *start, size_t at)
{
	text[0] = '\0';
	if (type == DUMP_PREFIX_OFFSET)
		snprintf(text, size, "%08zx: ", at);
	else if (type == DUMP_PREFIX_ADDRESS)
		snprintf(text, size, "%p: ", start + at);
}

/* Without a level, as every line, and always 16 single bytes a row. */
void print_hex_dump(const char *level, const char *prefix, int prefix_type,
		    int rowsize, int groupsize, const void *buf, size_t len,
		    bool ascii)
{
	const u8 *p = buf;
	char place[32], hex[ROW * 3 + 1], text[ROW + 1];

	for (size_t at = 0; at < len; at += ROW) {
		size_t n = min_t(size_t, ROW, len - at);

		for (size_t i = 0; i < n; i++) {
			snprintf(hex + 3 * i, 4, "%02x ", p[at + i]);
			text[i] = isprint(p[at + i]) ? p[at + i] : '.';
		}
		hex[3 * n - 1] = '\0';
		text[n] = '\0';
		print_prefix(place, sizeof(place), prefix_type, p, at);
		printk(ascii ? "%s%s%-47s  %s\n" : "%s%s%s\n", prefix, place, hex, text);
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

/*
 * Up to 4.9 a size_t is %Zu, which libc takes and sanitizers do not: in the copy, if
 * there is one to be made, it is %zu.
 */
static const char *without_Z(const char *fmt, char *copy, size_t size)
{
	char *p = copy;

	if (!strchr(fmt, 'Z'))
		return fmt;
	strscpy(copy, fmt, size);
	while ((p = strchr(p, '%'))) {
		p += 1 + strspn(p + 1, "-+ #0123456789.");
		if (*p == 'Z')
			*p = 'z';
		p += *p == '%';
	}
	return copy;
}

int vscnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	char copy[256];
	int n = vsnprintf(buf, size, without_Z(fmt, copy, sizeof(copy)), args);

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

ssize_t shim_strscpy(char *dst, const char *src, size_t size)
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

size_t shim_strlcpy(char *dst, const char *src, size_t size)
{
	strscpy(dst, src, size);
	return strlen(src);
}

void *memchr_inv(const void *start, int c, size_t size)
{
	const u8 *byte = start;

	for (; size--; byte++)
		if (*byte != (u8)c)
			return (void *)byte;
	return NULL;
}

void memzero_explicit(void *start, size_t size)
{
	explicit_bzero(start, size);
}

/* By the first letter, as the kernel: "on" and "off" need their second. */
int kstrtobool(const char *text, bool *result)
{
	static const char yes[] = "yYtT1", no[] = "nNfF0";
	char c = text ? text[0] : '\0';

	if (c && (c == 'o' || c == 'O'))
		c = text[1] == 'n' || text[1] == 'N' ? 'y' :
		    text[1] == 'f' || text[1] == 'F' ? 'n' : '\0';
	if (!c || (!strchr(yes, c) && !strchr(no, c)))
		return -EINVAL;
	*result = strchr(yes, c);
	return 0;
}
