/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stand-in for <linux/bug.h>: a warning is logged and counted (shim_warnings()), a bug
 * ends the program.
 */
#ifndef SHIM_LINUX_BUG_H
#define SHIM_LINUX_BUG_H

#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/printk.h>

void shim_warn(const char *file, int line, const char *cond);

#define WARN_ON(cond) ({					\
	int __ret = !!(cond);					\
								\
	if (unlikely(__ret))					\
		shim_warn(__FILE__, __LINE__, #cond);		\
	unlikely(__ret); })

/* The message is a line of its own, above the warning's. */
#define WARN(cond, fmt, ...) ({					\
	int __ret = !!(cond);					\
								\
	if (unlikely(__ret)) {					\
		printk(KERN_WARNING fmt, ##__VA_ARGS__);	\
		shim_warn(__FILE__, __LINE__, #cond);		\
	}							\
	unlikely(__ret); })

/* True whenever the condition is; only the first time is logged. */
#define shim_once(cond, warn) ({				\
	static bool __told;					\
	int __is = !!(cond);					\
								\
	if (unlikely(__is) && !READ_ONCE(__told)) {		\
		WRITE_ONCE(__told, true);			\
		warn;						\
	}							\
	unlikely(__is); })

#define WARN_ON_ONCE(cond) \
	shim_once(cond, shim_warn(__FILE__, __LINE__, #cond))
#define WARN_ONCE(cond, fmt, ...) \
	shim_once(cond, WARN(true, fmt, ##__VA_ARGS__))

#define BUG()						\
	do {						\
		shim_warn(__FILE__, __LINE__, "BUG");	\
		__builtin_abort();			\
	} while (0)

#define BUG_ON(cond)			\
	do {				\
		if (unlikely(cond))	\
			BUG();		\
	} while (0)

#endif
