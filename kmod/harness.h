/* SPDX-License-Identifier: GPL-2.0-only */
/* What the harness offers to the other modules: they register, or have it run. */
#ifndef KMOD_HARNESS_H
#define KMOD_HARNESS_H

#include <linux/list.h>
#include <linux/types.h>

struct platform_device;
struct wl_variant;

/* A variant's module.  The last two are the harness's. */
struct bench_variant {
	const struct wl_variant *offers;
	bool needs_irqs;	/* its blocks cannot be freed with interrupts masked */
	struct list_head list;
	struct platform_device *pdev;
};

/**
 * dmapool_bench_register - make a variant's rows available
 * @variant: stays the caller's, until dmapool_bench_unregister()
 *
 * Gives it a device of its own.
 *
 * Context: process; may sleep.
 * Return: 0 or -errno.
 */
int dmapool_bench_register(struct bench_variant *variant);

/**
 * dmapool_bench_unregister - take it back
 * @variant: a registered one
 *
 * Stops a run that is under way, and waits for that.
 *
 * Context: process; may sleep.
 */
void dmapool_bench_unregister(struct bench_variant *variant);

/**
 * dmapool_bench_run - run what the parameters choose, to its end
 *
 * A signal stops it.
 *
 * Context: process; may sleep.
 * Return: 0, -EINTR, or what went wrong; the log says more.
 */
int dmapool_bench_run(void);

#endif
