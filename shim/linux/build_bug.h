/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/build_bug.h>: static_assert(), from libc. */
#ifndef SHIM_LINUX_BUILD_BUG_H
#define SHIM_LINUX_BUILD_BUG_H

#include <assert.h>

#endif
