/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/build_bug.h>; static_assert() is libc's. */
#ifndef SHIM_LINUX_BUILD_BUG_H
#define SHIM_LINUX_BUILD_BUG_H

#include <assert.h>

#define BUILD_BUG_ON(cond)		static_assert(!(cond), #cond)
#define BUILD_BUG_ON_MSG(cond, text)	static_assert(!(cond), text)

#endif
