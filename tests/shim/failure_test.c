// SPDX-License-Identifier: GPL-2.0-only
/* The checked build's failures to order, and its count of what was not freed. */
#include <errno.h>
#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/percpu.h>
#include <linux/slab.h>

#include "shim_test.h"

/* Whether one kmalloc works. */
static bool works(void)
{
	void *p = kmalloc(8, GFP_KERNEL);

	kfree(p);
	return p;
}

static void the_nth_call_fails_and_only_that(void **state)
{
	assert_int_equal(shim_fail_nth(3), 0);
	assert_true(works());
	assert_true(works());
	assert_false(works());
	assert_true(works());
	assert_int_equal(shim_fail_nth(1), 0);
	assert_false(works());
	assert_true(works());
}

static void it_tells_how_far_off_the_failure_was(void **state)
{
	shim_fail_nth(5);
	assert_true(works());
	assert_true(works());
	assert_int_equal(shim_fail_nth(0), 3);
	for (int i = 0; i < 5; i++)
		assert_true(works());
	assert_int_equal(shim_fail_nth(0), 0);
}

struct elsewhere {
	bool first_worked, second_worked, third_worked;
};

static void allocate_elsewhere(void *arg)
{
	struct elsewhere *e = arg;

	e->first_worked = works();
	shim_fail_nth(2);
	e->second_worked = works();
	e->third_worked = works();
}

static void threads_fail_each_by_its_own_count(void **state)
{
	struct elsewhere e = { .third_worked = true };
	struct cpu_thread other;

	shim_fail_nth(1);
	cpu_start(&other, allocate_elsewhere, &e);
	cpu_join(&other);
	assert_true(e.first_worked);
	assert_true(e.second_worked);
	assert_false(e.third_worked);
	assert_false(works());
}

static ssize_t name_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "x\n");
}

static DEVICE_ATTR_RO(name);

static void whatever_can_run_out_of_memory_can_fail(void **state)
{
	struct device *dev = shim_device_create("dev0", NUMA_NO_NODE);
	char buf[PAGE_SIZE];
	dma_addr_t dma;

	shim_fail_nth(1);
	assert_null(dma_alloc_coherent(dev, PAGE_SIZE, &dma, GFP_KERNEL));
	assert_int_equal(shim_dma_outstanding(dev), 0);
	shim_fail_nth(1);
	assert_int_equal(device_create_file(dev, &dev_attr_name), -ENOMEM);
	assert_int_equal(shim_device_read(dev, "name", buf), -ENOENT);
	shim_fail_nth(1);
	assert_null(alloc_percpu(long));
	shim_fail_nth(1);
	assert_null(kcalloc(2, 8, GFP_ATOMIC));
	shim_fail_nth(1);
	assert_null(devres_alloc(NULL, 8, GFP_KERNEL));
	assert_int_equal(shim_fail_nth(0), 0);
	assert_int_equal(shim_device_destroy(dev), 0);
}

static void objects_are_counted_until_they_are_freed(void **state)
{
	long before = shim_kmalloc_outstanding();
	void *one = kmalloc(8, GFP_KERNEL), *two = kzalloc(100, GFP_KERNEL);

	assert_int_equal(shim_kmalloc_outstanding(), before + 2);
	shim_fail_nth(1);
	assert_null(kmalloc(8, GFP_KERNEL));
	assert_int_equal(shim_kmalloc_outstanding(), before + 2);
	kfree(one);
	kfree(NULL);
	assert_int_equal(shim_kmalloc_outstanding(), before + 1);
	kfree(two);
	assert_int_equal(shim_kmalloc_outstanding(), before);
}

int failure_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_nth_call_fails_and_only_that),
		cmocka_unit_test(it_tells_how_far_off_the_failure_was),
		cmocka_unit_test(threads_fail_each_by_its_own_count),
		cmocka_unit_test(whatever_can_run_out_of_memory_can_fail),
		cmocka_unit_test(objects_are_counted_until_they_are_freed),
	};

	return cmocka_run_group_tests_name("failure", tests, NULL, NULL);
}
