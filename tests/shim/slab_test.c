// SPDX-License-Identifier: GPL-2.0-only
/* kmalloc: alignment, zeroing, sizes that overflow. */
#include <linux/bitmap.h>
#include <linux/cache.h>
#include <linux/slab.h>

#include "shim_test.h"

static bool is_zero(const char *p, size_t size)
{
	while (size && !p[size - 1])
		size--;
	return !size;
}

static void a_line_and_more_is_aligned_to_one(void **state)
{
	static const size_t sizes[] = { 64, 65, 96, 128, 192, 1000, 4096, 100000 };
	void *p[ARRAY_SIZE(sizes)];

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		p[i] = kmalloc(sizes[i], GFP_KERNEL);
		assert_non_null(p[i]);
		assert_int_equal((uintptr_t)p[i] % SMP_CACHE_BYTES, 0);
		memset(p[i], 0x5a, sizes[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		kfree(p[i]);
	kfree(NULL);
}

/* Of the sizes just freed full of other things, so that the allocator has those. */
static void asked_for_zeros_it_gives_zeros(void **state)
{
	static const size_t sizes[] = { 1, 24, 64, 200, 4096 };
	char *p;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		for (int turn = 0; turn < 3; turn++) {
			p = turn ? kzalloc_node(sizes[i], GFP_ATOMIC, NUMA_NO_NODE) :
				   kmalloc(sizes[i], GFP_KERNEL | __GFP_ZERO);
			assert_true(is_zero(p, sizes[i]));
			memset(p, 0xa5, sizes[i]);
			kfree(p);
		}
	}
}

static void arrays_are_zero_and_may_not_overflow(void **state)
{
	char *p = kvcalloc(3, 50, GFP_KERNEL);

	assert_true(is_zero(p, 150));
	kvfree(p);
	assert_null(kcalloc(SIZE_MAX / 2, 3, GFP_KERNEL));
	assert_null(kvcalloc(SIZE_MAX, SIZE_MAX, GFP_KERNEL));
}

static void a_bitmap_has_a_bit_for_each(void **state)
{
	unsigned long *map = bitmap_zalloc(65, GFP_KERNEL);

	assert_true(is_zero((char *)map, 2 * sizeof(long)));
	assert_false(test_and_set_bit(64, map));
	assert_true(test_and_set_bit(64, map));
	assert_false(test_and_set_bit(0, map));
	assert_int_equal(map[0], 1);
	assert_int_equal(map[1], 1);
	assert_true(test_and_clear_bit(64, map));
	assert_false(test_and_clear_bit(64, map));
	assert_int_equal(map[0], 1);
	bitmap_free(map);
}

int slab_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_and_more_is_aligned_to_one),
		cmocka_unit_test(asked_for_zeros_it_gives_zeros),
		cmocka_unit_test(arrays_are_zero_and_may_not_overflow),
		cmocka_unit_test(a_bitmap_has_a_bit_for_each),
	};

	return cmocka_run_group_tests_name("slab", tests, NULL, NULL);
}
