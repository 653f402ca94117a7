// SPDX-License-Identifier: GPL-2.0-only
/* kmalloc: alignment, zeroing, sizes that overflow; caches of objects. */
#include <linux/bitmap.h>
#include <linux/cache.h>
#include <linux/slab.h>
#include <linux/string.h>

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
	assert_null(kmalloc_array(SIZE_MAX / 2, 3, GFP_KERNEL));
	assert_int_equal(size_mul(SIZE_MAX / 2, 3), SIZE_MAX);
	assert_int_equal(size_add(SIZE_MAX, 1), SIZE_MAX);
	p = kmalloc_array(3, 50, GFP_KERNEL);
	memset(p, 1, 150);
	kfree(p);
}

struct pair {
	long a, b;
	char rest[];
};

/* Since 7.0. */
static void an_object_has_its_types_size(void **state)
{
	struct pair *three = kzalloc_objs(*three, 3, GFP_ATOMIC);
	struct pair *one = kzalloc_obj(*one);

	assert_true(is_zero((char *)one, sizeof(*one)));
	assert_true(is_zero((char *)three, 3 * sizeof(*three)));
	assert_null(kmalloc_objs(*three, SIZE_MAX / 2));
	assert_int_equal(struct_size(one, rest, 5), 21);
	kfree(three);
	kfree(one);
}

static void a_text_is_copied(void **state)
{
	static const char text[] = "pool";
	char *copy = kstrdup(text, GFP_KERNEL);

	assert_string_equal(copy, text);
	assert_ptr_not_equal(copy, text);
	kfree(copy);
	assert_null(kstrdup(NULL, GFP_KERNEL));
}

static void make_pair(void *object)
{
	*(struct pair *)object = (struct pair) { 1, 2 };
}

static void a_cache_makes_aligned_objects(void **state)
{
	struct kmem_cache *cache = kmem_cache_create("pairs", sizeof(struct pair), 256, 0,
						     make_pair);
	struct pair *pair = kmem_cache_alloc(cache, GFP_KERNEL);

	assert_int_equal((uintptr_t)pair % 256, 0);
	assert_int_equal(pair->b, 2);
	kmem_cache_free(cache, pair);
	kmem_cache_destroy(cache);

	cache = KMEM_CACHE(pair, SLAB_HWCACHE_ALIGN);
	pair = kmem_cache_zalloc(cache, GFP_KERNEL);
	assert_int_equal((uintptr_t)pair % SMP_CACHE_BYTES, 0);
	assert_true(is_zero((char *)pair, sizeof(*pair)));
	kmem_cache_free(cache, pair);
	kmem_cache_destroy(cache);
	kmem_cache_destroy(NULL);
}

static void destroy_cache(void *arg)
{
	kmem_cache_destroy(arg);
}

static void a_cache_in_use_is_not_destroyed(void **state)
{
	struct kmem_cache *cache = KMEM_CACHE(pair, 0);
	struct pair *pair = kmem_cache_alloc(cache, GFP_KERNEL);

	assert_int_equal(warnings_of(destroy_cache, cache), 1);
	kmem_cache_free(cache, pair);
	assert_int_equal(warnings_of(destroy_cache, cache), 0);
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
		cmocka_unit_test(an_object_has_its_types_size),
		cmocka_unit_test(a_text_is_copied),
		cmocka_unit_test(a_cache_makes_aligned_objects),
		cmocka_unit_test(a_cache_in_use_is_not_destroyed),
		cmocka_unit_test(a_bitmap_has_a_bit_for_each),
	};

	return cmocka_run_group_tests_name("slab", tests, NULL, NULL);
}
