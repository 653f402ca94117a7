/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/module.h>: everything is one program, which nothing unloads. */
#ifndef SHIM_LINUX_MODULE_H
#define SHIM_LINUX_MODULE_H

#include <linux/export.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/moduleparam.h>
#include <linux/stat.h>

#define THIS_MODULE	NULL

#define MODULE_AUTHOR(text)
#define MODULE_DESCRIPTION(text)
#define MODULE_LICENSE(text)

#define module_init(fn)	device_initcall(fn)
#define module_exit(fn)	SHIM_CONSTRUCTOR(fn) { (void)fn; }

#endif
