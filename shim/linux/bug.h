/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/bug.h>: a warning is logged and counted (shim_warnings()). */
#ifndef SHIM_LINUX_BUG_H
#define SHIM_LINUX_BUG_H

#include <linux/compiler.h>

void shim_warn(const char *file, int line, const char *cond);

#define WARN_ON(cond) ({					\
	int __ret = !!(cond);					\
								\
	if (unlikely(__ret))					\
		shim_warn(__FILE__, __LINE__, #cond);		\
	unlikely(__ret); })

#endif
