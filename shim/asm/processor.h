/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <asm/processor.h>: the hint a spinning CPU gives. */
#ifndef SHIM_ASM_PROCESSOR_H
#define SHIM_ASM_PROCESSOR_H

#include <ck_pr.h>

static inline void cpu_relax(void)
{
	ck_pr_stall();
}

#endif
