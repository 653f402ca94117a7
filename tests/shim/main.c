// SPDX-License-Identifier: GPL-2.0-only
/* Runs the tests of the shim, one group a file, on a thread that is CPU 0. */
#include <unistd.h>

#include "shim_test.h"

/* Far beyond what they take on a busy machine: one of them hangs. */
#define SECONDS 180

static int (*const groups[])(void) = {
	cpu_tests, percpu_tests, spinlock_tests, rcu_tests, device_tests, log_tests,
	string_tests, slab_tests, dma_tests, shrinker_tests, boot_tests, cleanup_tests,
	bitops_tests, list_tests, rbtree_tests, wait_tests, xarray_tests,
#ifdef SHIM_CHECKED
	context_tests, failure_tests, irq_tests,
#endif
};

int main(void)
{
	int failed = 0;

	alarm(SECONDS);
	shim_cpu_up();
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		failed += groups[i]();
	return failed ? 1 : 0;
}
