// SPDX-License-Identifier: GPL-2.0-only
/*
 * One variant's module: compiled once a variant with its name, linked with its pool
 * and the workloads.
 */
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <generated/utsrelease.h>

#include "workload.h"
#include "harness.h"

static const struct wl_variant offers = {
	.name = VARIANT_NAME,
	.version = __is_defined(INTREE) ? UTS_RELEASE : VARIANT_VERSION,
	.families = wl_families,
	.set_debug = dma_pool_set_debug,
	.row_name = wl_row_name,
};

static struct bench_variant variant = {
	.offers = &offers,
	.needs_irqs = __is_defined(NEEDS_IRQS),
};

static int __init entry_init(void)
{
	return dmapool_bench_register(&variant);
}
module_init(entry_init);

static void __exit entry_exit(void)
{
	dmapool_bench_unregister(&variant);
	/* The pool's RCU callbacks may have done their work, but not returned. */
	rcu_barrier();
}
module_exit(entry_exit);

MODULE_DESCRIPTION("dmapool-bench: the pool " VARIANT_NAME);
MODULE_LICENSE("GPL");
