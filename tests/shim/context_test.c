// SPDX-License-Identifier: GPL-2.0-only
/* The checked build's report of what may sleep or free where it must not. */
#include <linux/dma-mapping.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/xarray.h>

#include "shim_test.h"

static DEFINE_SPINLOCK(lock);
static DEFINE_MUTEX(mutex);

static void sleep_maybe(void *arg)
{
	might_sleep();
}

static void sleep_if(void *arg)
{
	might_sleep_if(*(gfp_t *)arg & __GFP_WAIT);
}

static unsigned int warnings_here(void)
{
	return warnings_of(sleep_maybe, NULL);
}

static void a_task_may_sleep(void **state)
{
	assert_int_equal(warnings_here(), 0);
	assert_false(in_interrupt());
	assert_false(irqs_disabled());
}

static void who_holds_a_spinlock_may_not(void **state)
{
	unsigned long flags;

	spin_lock(&lock);
	assert_int_equal(warnings_here(), 1);
	spin_unlock(&lock);
	assert_int_equal(warnings_here(), 0);

	spin_lock_irqsave(&lock, flags);
	assert_int_equal(warnings_here(), 1);
	spin_unlock_irqrestore(&lock, flags);
	assert_int_equal(warnings_here(), 0);

	spin_lock_irq(&lock);
	assert_true(irqs_disabled());
	spin_unlock_irq(&lock);
	assert_false(irqs_disabled());
	assert_int_equal(warnings_here(), 0);
}

static void a_trylock_counts_if_it_takes_the_lock(void **state)
{
	assert_true(spin_trylock(&lock));
	assert_int_equal(warnings_here(), 1);
	assert_false(spin_trylock(&lock));
	spin_unlock(&lock);
	assert_int_equal(warnings_here(), 0);
}

static void locks_within_locks_count(void **state)
{
	DEFINE_SPINLOCK(inner);

	spin_lock(&lock);
	spin_lock(&inner);
	spin_unlock(&inner);
	assert_int_equal(warnings_here(), 1);
	spin_unlock(&lock);
	assert_int_equal(warnings_here(), 0);
}

static void with_interrupts_off_it_may_not(void **state)
{
	unsigned long flags;

	local_irq_save(flags);
	assert_int_equal(warnings_here(), 1);
	local_irq_restore(flags);
	local_irq_disable();
	assert_int_equal(warnings_here(), 1);
	local_irq_enable();
	preempt_disable();
	assert_int_equal(warnings_here(), 1);
	preempt_enable();
	assert_int_equal(warnings_here(), 0);
}

static void allocate(void *arg)
{
	gfp_t *gfp = arg;

	kfree(kmalloc(8, *gfp));
}

static void lock_mutex(void *arg)
{
	mutex_lock(&mutex);
	mutex_unlock(&mutex);
}

static void insert(void *arg)
{
	DEFINE_XARRAY(xa);

	xa_store(&xa, 1, &xa, *(gfp_t *)arg);
	xa_destroy(&xa);
}

static void sleep_a_tick(void *arg)
{
	schedule_timeout_uninterruptible(1);
}

static void synchronize(void *arg)
{
	synchronize_rcu();
}

static void what_sleeps_says_so(void **state)
{
	gfp_t kernel = GFP_KERNEL, atomic = GFP_ATOMIC, nowait = GFP_NOWAIT;

	spin_lock(&lock);
	assert_int_equal(warnings_of(allocate, &kernel), 1);
	assert_int_equal(warnings_of(allocate, &atomic), 0);
	assert_int_equal(warnings_of(allocate, &nowait), 0);
	assert_int_equal(warnings_of(sleep_if, &kernel), 1);
	assert_int_equal(warnings_of(sleep_if, &atomic), 0);
	assert_int_equal(warnings_of(lock_mutex, NULL), 1);
	assert_int_equal(warnings_of(sleep_a_tick, NULL), 1);
	assert_int_equal(warnings_of(insert, &kernel), 1);
	assert_int_equal(warnings_of(insert, &atomic), 0);
	assert_int_equal(warnings_of(synchronize, NULL), 1);
	spin_unlock(&lock);
	assert_int_equal(warnings_of(allocate, &kernel), 0);
	assert_int_equal(warnings_of(lock_mutex, NULL), 0);
	assert_int_equal(warnings_of(synchronize, NULL), 0);
}

struct page {
	struct device *dev;
	void *vaddr;
	dma_addr_t dma;
	gfp_t gfp;
};

static void take_page(void *arg)
{
	struct page *page = arg;

	page->vaddr = dma_alloc_coherent(page->dev, PAGE_SIZE, &page->dma, page->gfp);
}

static void free_page(void *arg)
{
	struct page *page = arg;

	dma_free_coherent(page->dev, PAGE_SIZE, page->vaddr, page->dma);
}

static void coherent_memory_is_not_freed_with_interrupts_off(void **state)
{
	struct page page = { .dev = shim_device_create("dev0", -1), .gfp = GFP_ATOMIC };
	unsigned long flags;

	local_irq_save(flags);
	assert_int_equal(warnings_of(take_page, &page), 0);
	assert_int_equal(warnings_of(free_page, &page), 1);
	page.gfp = GFP_KERNEL;
	assert_int_equal(warnings_of(take_page, &page), 1);
	local_irq_restore(flags);
	assert_int_equal(warnings_of(free_page, &page), 0);
	assert_int_equal(shim_device_destroy(page.dev), 0);
}

int context_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_task_may_sleep),
		cmocka_unit_test(who_holds_a_spinlock_may_not),
		cmocka_unit_test(a_trylock_counts_if_it_takes_the_lock),
		cmocka_unit_test(locks_within_locks_count),
		cmocka_unit_test(with_interrupts_off_it_may_not),
		cmocka_unit_test(what_sleeps_says_so),
		cmocka_unit_test(coherent_memory_is_not_freed_with_interrupts_off),
	};

	return cmocka_run_group_tests_name("context", tests, NULL, NULL);
}
