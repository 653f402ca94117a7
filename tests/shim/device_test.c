// SPDX-License-Identifier: GPL-2.0-only
/* Devices: attribute files, managed resources, coherent memory counted. */
#include <errno.h>
#include <linux/device.h>
#include <linux/dma-mapping.h>

#include "shim_test.h"

static struct device *dev;

static int make_device(void **state)
{
	dev = shim_device_create("dev0", NUMA_NO_NODE);
	return dev ? 0 : -1;
}

static int destroy_device(void **state)
{
	return shim_device_destroy(dev) ? -1 : 0;
}

static ssize_t colour_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s of %s\n", attr->attr.name, dev_name(dev));
}

static DEVICE_ATTR_RO(colour);

static void a_file_is_there_from_create_to_remove(void **state)
{
	char buf[PAGE_SIZE];

	assert_int_equal(shim_device_read(dev, "colour", buf), -ENOENT);
	assert_int_equal(device_create_file(dev, &dev_attr_colour), 0);
	assert_int_equal(shim_device_read(dev, "colour", buf), 15);
	assert_string_equal(buf, "colour of dev0\n");
	assert_int_equal(shim_device_read(dev, "color", buf), -ENOENT);
	assert_int_equal(device_create_file(dev, &dev_attr_colour), -EEXIST);
	device_remove_file(dev, &dev_attr_colour);
	assert_int_equal(shim_device_read(dev, "colour", buf), -ENOENT);
	device_remove_file(dev, &dev_attr_colour);
	assert_int_equal(device_create_file(dev, &dev_attr_colour), 0);
	device_remove_file(dev, &dev_attr_colour);
}

#define rw_show		colour_show
#define rw_store	colour_store

static ssize_t colour_store(struct device *dev, struct device_attribute *attr,
			    const char *buf, size_t count)
{
	return count;
}

static void an_attribute_has_the_mode_of_its_form(void **state)
{
	DEVICE_ATTR_WO(colour);		/* hides the read-only one */
	DEVICE_ATTR_RW(rw);
	DEVICE_ATTR(tint, S_IRUGO, colour_show, NULL);
	char buf[PAGE_SIZE];

	assert_int_equal(dev_attr_colour.attr.mode, 0200);
	assert_ptr_equal(dev_attr_colour.store, colour_store);
	assert_int_equal(device_create_file(dev, &dev_attr_colour), 0);
	assert_int_equal(shim_device_read(dev, "colour", buf), -EIO);
	device_remove_file(dev, &dev_attr_colour);

	assert_int_equal(dev_attr_rw.attr.mode, 0644);
	assert_int_equal(dev_attr_tint.attr.mode, 0444);
	assert_int_equal(device_create_file(dev, &dev_attr_tint), 0);
	assert_int_equal(shim_device_read(dev, "tint", buf), 13);
	device_remove_file(dev, &dev_attr_tint);
}

static void a_device_is_on_its_node(void **state)
{
	struct device *far = shim_device_create("far", 1);

	assert_int_equal(dev_to_node(dev), NUMA_NO_NODE);
	assert_int_equal(dev_to_node(far), 1);
	set_dev_node(far, 0);
	assert_int_equal(dev_to_node(far), 0);
	shim_device_destroy(far);
}

static int showing, removing, shown, removed_after_shown;

static ssize_t slow_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	WRITE_ONCE(showing, 1);
	AWAIT(READ_ONCE(removing));
	/* Time for a remove that does not wait. */
	sleep_ms(20);
	WRITE_ONCE(shown, 1);
	return 0;
}

static DEVICE_ATTR_RO(slow);

static void read_slow(void *arg)
{
	char buf[PAGE_SIZE];

	shim_device_read(dev, "slow", buf);
}

static void removing_a_file_waits_for_its_readers(void **state)
{
	struct cpu_thread reader;

	assert_int_equal(device_create_file(dev, &dev_attr_slow), 0);
	cpu_start(&reader, read_slow, NULL);
	AWAIT(READ_ONCE(showing));
	WRITE_ONCE(removing, 1);
	device_remove_file(dev, &dev_attr_slow);
	removed_after_shown = READ_ONCE(shown);
	cpu_join(&reader);
	assert_true(removed_after_shown);
}

static char released[8];

static void release_one(struct device *owner, void *res)
{
	size_t at = strlen(released);

	released[at] = owner == dev ? *(char *)res : '?';
	released[at + 1] = '\0';
}

static void release_other(struct device *owner, void *res)
{
	release_one(owner, res);
}

static int match_name(struct device *dev, void *res, void *match_data)
{
	return *(char *)res == *(char *)match_data;
}

static void add_resource(dr_release_t release, char name)
{
	char *res = devres_alloc(release, sizeof(*res), GFP_KERNEL);

	assert_non_null(res);
	assert_int_equal(*res, 0);
	*res = name;
	devres_add(dev, res);
}

static int release_named(dr_release_t release, char name)
{
	return devres_release(dev, release, match_name, &name);
}

static void resources_go_with_the_device_newest_first(void **state)
{
	released[0] = '\0';
	add_resource(release_one, 'a');
	add_resource(release_other, 'b');
	add_resource(release_one, 'c');
	destroy_device(state);
	assert_string_equal(released, "cba");
	make_device(state);
}

static void releasing_takes_the_one_that_matches(void **state)
{
	released[0] = '\0';
	add_resource(release_one, 'a');
	add_resource(release_one, 'b');
	add_resource(release_one, 'b');
	assert_int_equal(release_named(release_one, 'x'), -ENOENT);
	assert_int_equal(release_named(release_other, 'a'), -ENOENT);
	assert_string_equal(released, "");
	assert_int_equal(release_named(release_one, 'b'), 0);
	assert_int_equal(release_named(release_one, 'a'), 0);
	assert_int_equal(release_named(release_one, 'a'), -ENOENT);
	assert_string_equal(released, "ba");
	assert_int_equal(release_named(release_one, 'b'), 0);
	assert_int_equal(release_named(release_one, 'b'), -ENOENT);
}

static void a_resource_can_go_unreleased(void **state)
{
	char name = 'a';
	char *res;

	released[0] = '\0';
	add_resource(release_one, 'a');
	add_resource(release_one, 'a');
	assert_int_equal(devres_destroy(dev, release_one, match_name, &name), 0);
	res = devres_remove(dev, release_one, match_name, &name);
	assert_int_equal(*res, 'a');
	devres_free(res);
	assert_null(devres_remove(dev, release_one, match_name, &name));
	assert_int_equal(devres_destroy(dev, release_one, match_name, &name), -ENOENT);
	assert_string_equal(released, "");
}

static void an_unused_resource_is_freed_unreleased(void **state)
{
	released[0] = '\0';
	devres_free(devres_alloc(release_one, 8, GFP_KERNEL));
	devres_free(NULL);
	assert_string_equal(released, "");
}

static void destroying_tells_the_coherent_bytes_still_out(void **state)
{
	dma_addr_t dma[2];
	void *page[2];

	for (int i = 0; i < 2; i++)
		page[i] = dma_alloc_coherent(dev, PAGE_SIZE + i, &dma[i], GFP_KERNEL);
	assert_int_equal(shim_dma_outstanding(dev), 3 * PAGE_SIZE);
	dma_free_coherent(dev, PAGE_SIZE, page[0], dma[0]);
	assert_int_equal(shim_dma_outstanding(dev), 2 * PAGE_SIZE);
	assert_int_equal(shim_device_destroy(dev), 2 * PAGE_SIZE);
	make_device(state);
}

static void emitting_stays_within_the_page(void **state)
{
	char page[PAGE_SIZE + 1], text[PAGE_SIZE + 100];
	const int end = PAGE_SIZE - 1;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	page[PAGE_SIZE] = '!';
	assert_int_equal(sysfs_emit(page, "%d", 123), 3);
	assert_int_equal(sysfs_emit_at(page, 3, "%d", 45), 2);
	assert_string_equal(page, "12345");
	assert_int_equal(sysfs_emit(page, "%s", text), end);
	assert_int_equal(sysfs_emit_at(page, end - 2, "abc"), 2);
	assert_string_equal(page + end - 3, "xab");
	assert_int_equal(sysfs_emit_at(page, end, "c"), 0);
	assert_int_equal(page[end], '\0');
	assert_int_equal(page[PAGE_SIZE], '!');
}

static void emit_outside(void *arg)
{
	char page[1] = { '!' };
	int *got = arg;

	got[0] = sysfs_emit_at(page, PAGE_SIZE, "a");
	got[1] = sysfs_emit_at(page, -1, "a");
	got[2] = page[0];
}

static void emitting_outside_the_page_warns(void **state)
{
	int got[3] = { -1, -1 };

	assert_int_equal(warnings_of(emit_outside, got), 2);
	assert_int_equal(got[0], 0);
	assert_int_equal(got[1], 0);
	assert_int_equal(got[2], '!');
}

int device_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_there_from_create_to_remove),
		cmocka_unit_test(an_attribute_has_the_mode_of_its_form),
		cmocka_unit_test(a_device_is_on_its_node),
		cmocka_unit_test(removing_a_file_waits_for_its_readers),
		cmocka_unit_test(resources_go_with_the_device_newest_first),
		cmocka_unit_test(releasing_takes_the_one_that_matches),
		cmocka_unit_test(a_resource_can_go_unreleased),
		cmocka_unit_test(an_unused_resource_is_freed_unreleased),
		cmocka_unit_test(destroying_tells_the_coherent_bytes_still_out),
		cmocka_unit_test(emitting_stays_within_the_page),
		cmocka_unit_test(emitting_outside_the_page_warns),
	};

	return cmocka_run_group_tests_name("device", tests, make_device, destroy_device);
}
