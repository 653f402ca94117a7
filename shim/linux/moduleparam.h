/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stand-in for <linux/moduleparam.h>.  A parameter keeps its default, but for numbers
 * and switches that have "debug" in their name, which SHIM_BOOT_DEBUG sets to 1.
 */
#ifndef SHIM_LINUX_MODULEPARAM_H
#define SHIM_LINUX_MODULEPARAM_H

#include <linux/init.h>

/* By type; bool is a macro here. */
#define SHIM_SET__Bool(value)		((value) = 1)
#define SHIM_SET_int(value)		((value) = 1)
#define SHIM_SET_uint(value)		((value) = 1)
#define SHIM_SET_charp(value)		((void)(value))

#define SHIM_SET(value, type)		SHIM_SET_##type(value)

#define module_param_named(name, value, type, perm)			\
	SHIM_CONSTRUCTOR(name##_param)					\
	{								\
		if (shim_booted_with(#name))				\
			SHIM_SET(value, type);				\
	}
#define core_param(name, value, type, perm) \
	module_param_named(name, value, type, perm)
#define module_param(name, type, perm)	module_param_named(name, name, type, perm)
#define MODULE_PARM_DESC(name, text)

#endif
