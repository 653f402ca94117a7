/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/kconfig.h>: options are what the compiler was given with -D. */
#ifndef SHIM_LINUX_KCONFIG_H
#define SHIM_LINUX_KCONFIG_H

/*
 * Only a 1 pasted to the prefix names a macro, and behind its comma the 1 is second; of
 * anything else the 0 is.
 */
#define SHIM_IS_ON_1			0,
#define SHIM_SECOND(first, second, ...)	second
#define SHIM_PICK(first_or_comma)	SHIM_SECOND(first_or_comma 1, 0)
#define SHIM_IS_ON(value)		SHIM_PICK(SHIM_IS_ON_##value)

/* Nothing is a module here. */
#define IS_BUILTIN(option)		SHIM_IS_ON(option)
#define IS_ENABLED(option)		SHIM_IS_ON(option)

#endif
