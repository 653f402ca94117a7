// SPDX-License-Identifier: GPL-2.0-only
/*
 * One variant's entry: compiled once a variant with its name, linked with its pool and
 * the workloads, every symbol of that link then made local.  All that leads in from
 * outside is this pointer in a section, over which the harness walks.
 */
#include "workload.h"

static const struct wl_variant variant = {
	.name = VARIANT_NAME,
	.version = VARIANT_VERSION,
	.families = wl_families,
	.set_debug = dma_pool_set_debug,
	.row_name = wl_row_name,
};

static const struct wl_variant *const entry __used __section("wl_variants") = &variant;
