/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/static_key.h>. */
#include <linux/jump_label.h>
