// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls that fail one by one, by the kernel's fault injection: it counts those to
 * kmalloc, as kmod/boot/ktest-guest sets it up, and the page source's, which ask here.
 */
#include <linux/fault-inject.h>
#include <linux/sched.h>

#include "fault.h"
#include "tests/contract/contract.h"

#ifdef CONFIG_FAILSLAB

/* Never at random, and nothing is said of it. */
static struct fault_attr page_source = { .times = ATOMIC_INIT(-1) };

bool fault_possible(void)
{
	return true;
}

bool fault_strikes(void)
{
	return should_fail(&page_source, 1);
}

unsigned int contract_fail_nth(unsigned int n)
{
	return xchg(&current->fail_nth, n);
}

#else

bool fault_possible(void)
{
	return false;
}

bool fault_strikes(void)
{
	return false;
}

unsigned int contract_fail_nth(unsigned int n)
{
	return 0;
}

#endif

/* kmemleak's business. */
long contract_objects_outstanding(void)
{
	return 0;
}
