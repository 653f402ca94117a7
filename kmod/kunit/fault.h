/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether calls of this kernel's can be made to fail, and whether this one is to. */
#ifndef KMOD_KUNIT_FAULT_H
#define KMOD_KUNIT_FAULT_H

#include <linux/types.h>

bool fault_possible(void);

/* Asked by what stands before a call that can run out of memory. */
bool fault_strikes(void);

#endif
