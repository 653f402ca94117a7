// SPDX-License-Identifier: GPL-2.0-only
/* Shrinkers: asked for no more than is wanted, skipped where they have nothing. */
#include <linux/kernel.h>
#include <linux/shrinker.h>

#include "shim_test.h"

static unsigned long objects, asked;

static unsigned long count(struct shrinker *shrinker, struct shrink_control *sc)
{
	return objects ? objects : SHRINK_EMPTY;
}

static unsigned long scan(struct shrinker *shrinker, struct shrink_control *sc)
{
	unsigned long nr = min(sc->nr_to_scan, objects);

	asked++;
	if (objects == 1)
		return SHRINK_STOP;
	objects -= nr;
	return nr;
}

static struct shrinker *new_shrinker(void)
{
	struct shrinker *shrinker = shrinker_alloc(0, "test");

	assert_non_null(shrinker);
	shrinker->count_objects = count;
	shrinker->scan_objects = scan;
	return shrinker;
}

static void it_is_asked_once_registered_until_freed(void **state)
{
	struct shrinker *shrinker = new_shrinker();

	objects = 10;
	assert_int_equal(shim_shrink(4), 0);
	shrinker_register(shrinker);
	assert_int_equal(shim_shrink(4), 4);
	assert_int_equal(objects, 6);
	shrinker_free(shrinker);
	assert_int_equal(shim_shrink(4), 0);
	assert_int_equal(objects, 6);
}

static void one_with_nothing_to_give_counts_for_nothing(void **state)
{
	struct shrinker *shrinker = new_shrinker();

	shrinker_register(shrinker);
	asked = objects = 0;
	assert_int_equal(shim_shrink(4), 0);
	assert_int_equal(asked, 0);
	objects = 1;
	assert_int_equal(shim_shrink(4), 0);
	assert_int_equal(asked, 1);
	shrinker_free(shrinker);
}

static void one_never_registered_can_be_freed(void **state)
{
	shrinker_free(new_shrinker());
	assert_int_equal(shim_shrink(1), 0);
}

int shrinker_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_asked_once_registered_until_freed),
		cmocka_unit_test(one_with_nothing_to_give_counts_for_nothing),
		cmocka_unit_test(one_never_registered_can_be_freed),
	};

	return cmocka_run_group_tests_name("shrinker", tests, NULL, NULL);
}
