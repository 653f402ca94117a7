// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the benchmark once, while it is loaded, and never stays: insmod fails with
 * EAGAIN where all went well, as lib/test_vmalloc.c does.
 */
#include <linux/errno.h>
#include <linux/module.h>

#include "harness.h"

static int __init run_init(void)
{
	int err = dmapool_bench_run();

	return err ? err : -EAGAIN;
}
module_init(run_init);

MODULE_DESCRIPTION("dmapool-bench: run once");
MODULE_LICENSE("GPL");
