/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/module.h>: descriptions that only a module carries. */
#ifndef SHIM_LINUX_MODULE_H
#define SHIM_LINUX_MODULE_H

#include <linux/export.h>

#define MODULE_LICENSE(text)
#define MODULE_DESCRIPTION(text)

#endif
