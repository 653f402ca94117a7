/* SPDX-License-Identifier: GPL-2.0-only */
/* What the shim's own files share: whether this fallible call is the one to fail. */
#ifndef SHIM_INTERNAL_H
#define SHIM_INTERNAL_H

#include <linux/types.h>

#ifdef SHIM_CHECKED
bool shim_should_fail(void);
#else
static inline bool shim_should_fail(void)
{
	return false;
}
#endif

#endif
