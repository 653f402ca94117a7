/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/cpu.h>: CPUs stay as they are while it is read-locked. */
#ifndef SHIM_LINUX_CPU_H
#define SHIM_LINUX_CPU_H

#include <linux/cpuhotplug.h>

#endif
