/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel's log got of errors and warnings. */
#ifndef KMOD_KUNIT_LOG_H
#define KMOD_KUNIT_LOG_H

/* What comes from now on is news. */
void log_begin(void);

#endif
