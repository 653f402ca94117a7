/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stand-in for <linux/init.h>.  Initcalls run before main(), those of a file in its
 * order, whatever their level.  The kernel is booted without any option; with
 * SHIM_BOOT_DEBUG, as the debug passes of upstream variants are, with all that have
 * "debug" in their name: an option that wants a value is given 1.
 */
#ifndef SHIM_LINUX_INIT_H
#define SHIM_LINUX_INIT_H

#include <linux/compiler.h>
#include <linux/types.h>

#define __init
#define __exit
#define __initdata
#define __exitdata

#define SHIM_CONSTRUCTOR(name) \
	static __attribute__((__constructor__, __used__)) \
	void SHIM_CAT(shim_init_, name)(void)

#ifdef SHIM_BOOT_DEBUG
#define shim_booted_with(option)	(!!__builtin_strstr(option, "debug"))
#else
#define shim_booted_with(option)	false
#endif

/* The function is given what follows the option's name on the command line. */
#define __setup(option, fn)						\
	SHIM_CONSTRUCTOR(fn)						\
	{								\
		char one[] = "1", none[] = "";				\
									\
		if (shim_booted_with(option))				\
			fn(option[sizeof(option) - 2] == '=' ? one : none); \
	}

/* Names come without a "=" here, and values with or without one. */
#define early_param(option, fn)						\
	SHIM_CONSTRUCTOR(fn)						\
	{								\
		char one[] = "1";					\
									\
		if (shim_booted_with(option))				\
			fn(one);					\
	}

#define early_initcall(fn)	SHIM_CONSTRUCTOR(fn) { fn(); }
#define pure_initcall(fn)	early_initcall(fn)
#define core_initcall(fn)	early_initcall(fn)
#define postcore_initcall(fn)	early_initcall(fn)
#define arch_initcall(fn)	early_initcall(fn)
#define subsys_initcall(fn)	early_initcall(fn)
#define fs_initcall(fn)		early_initcall(fn)
#define device_initcall(fn)	early_initcall(fn)
#define late_initcall(fn)	early_initcall(fn)

#endif
