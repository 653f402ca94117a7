// SPDX-License-Identifier: GPL-2.0-only
/* The address ThreadSanitizer hangs RCU's one edge on. */
#include <linux/rcupdate.h>

#ifdef __SANITIZE_THREAD__
char shim_rcu_edge;
#endif
