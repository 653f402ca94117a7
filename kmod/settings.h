/* SPDX-License-Identifier: GPL-2.0-only */
/* What a run is asked to do; README.md says what each means. */
#ifndef KMOD_SETTINGS_H
#define KMOD_SETTINGS_H

#include <linux/types.h>

#define SETTING_LEN	256

struct settings {
	char variants[SETTING_LEN];
	char workloads[SETTING_LEN];
	char filter[SETTING_LEN];
	char profile[SETTING_LEN];
	u32 min_time_ms;
	u32 max_threads;
	u64 seed;
	bool irqs_off;
	bool icount;
};

#endif
