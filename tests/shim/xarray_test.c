// SPDX-License-Identifier: GPL-2.0-only
/* Arrays of pointers at any index, held against a plain list of what should be in. */
#include <linux/xarray.h>
#include <stdlib.h>

#include "shim_test.h"

#define MANY	64

static struct xarray xa;
static unsigned long indices[MANY];
static int entries[MANY];
static bool in[MANY];

/* Small ones, neighbours, and some at the very end. */
static int start_empty(void **state)
{
	xa_init(&xa);
	for (int i = 0; i < MANY; i++) {
		indices[i] = i < 16 ? i : i < 48 ? 1UL << (i - 1) : ULONG_MAX - MANY + i;
		in[i] = false;
	}
	indices[MANY - 1] = ULONG_MAX;
	return 0;
}

static int empty_it(void **state)
{
	xa_destroy(&xa);
	return xa_empty(&xa) ? 0 : -1;
}

static void assert_holds(int i)
{
	assert_ptr_equal(xa_load(&xa, indices[i]), in[i] ? &entries[i] : NULL);
}

static void put(int i)
{
	void *old = in[i] ? &entries[i] : NULL;

	assert_ptr_equal(xa_store(&xa, indices[i], &entries[i], GFP_KERNEL), old);
	in[i] = true;
}

static void take(int i)
{
	void *old = in[i] ? &entries[i] : NULL;

	assert_ptr_equal(xa_erase(&xa, indices[i]), old);
	in[i] = false;
}

static void what_is_stored_is_there_until_it_is_erased(void **state)
{
	unsigned int seed = 1;
	int i;

	for (int turn = 0; turn < 2000; turn++) {
		i = rand_r(&seed) % MANY;
		if (rand_r(&seed) % 2)
			put(i);
		else
			take(i);
		for (i = 0; i < MANY; i++)
			assert_holds(i);
	}
	for (i = 0; i < MANY; i++)
		take(i);
	assert_true(xa_empty(&xa));
	assert_null(xa_load(&xa, 0));
}

/* Indices ascend but for the powers of two among the small ones. */
static int compare(const void *a, const void *b)
{
	unsigned long x = *(const unsigned long *)a, y = *(const unsigned long *)b;

	return (x > y) - (x < y);
}

static void a_walk_meets_every_entry_in_order(void **state)
{
	unsigned long sorted[MANY], index;
	size_t nr = 0;
	void *entry;

	for (int i = 0; i < MANY; i++) {
		put(i);
		sorted[i] = indices[i];
	}
	qsort(sorted, MANY, sizeof(sorted[0]), compare);
	xa_for_each(&xa, index, entry) {
		assert_true(nr < MANY);
		assert_int_equal(index, sorted[nr++]);
		assert_ptr_equal(entry, xa_load(&xa, index));
	}
	assert_int_equal(nr, MANY);
	nr = 0;
	xa_for_each_range(&xa, index, entry, 3, 15)
		nr++;
	assert_int_equal(nr, 13);
}

static void nothing_is_found_where_nothing_is(void **state)
{
	unsigned long index = 5;

	assert_null(xa_find(&xa, &index, ULONG_MAX, XA_PRESENT));
	put(3);
	assert_null(xa_find(&xa, &index, ULONG_MAX, XA_PRESENT));
	index = 2;
	assert_null(xa_find(&xa, &index, 2, XA_PRESENT));
	assert_ptr_equal(xa_find(&xa, &index, 3, XA_PRESENT), &entries[3]);
	assert_int_equal(index, 3);
	assert_null(xa_find_after(&xa, &index, ULONG_MAX, XA_PRESENT));
	index = ULONG_MAX;
	assert_null(xa_find_after(&xa, &index, ULONG_MAX, XA_PRESENT));
}

static void an_index_is_taken_once(void **state)
{
	assert_int_equal(xa_insert(&xa, 7, &entries[0], GFP_KERNEL), 0);
	assert_int_equal(xa_insert(&xa, 7, &entries[1], GFP_KERNEL), -EBUSY);
	assert_ptr_equal(xa_load(&xa, 7), &entries[0]);
}

static void the_lowest_free_index_is_given(void **state)
{
	u32 id;

	for (u32 i = 2; i < 5; i++) {
		assert_int_equal(xa_alloc(&xa, &id, &entries[i], XA_LIMIT(2, 4),
					  GFP_KERNEL), 0);
		assert_int_equal(id, i);
	}
	assert_int_equal(xa_alloc(&xa, &id, &entries[0], XA_LIMIT(2, 4), GFP_KERNEL),
			 -EBUSY);
	xa_erase(&xa, 3);
	assert_int_equal(xa_alloc(&xa, &id, &entries[0], xa_limit_32b, GFP_KERNEL), 0);
	assert_int_equal(id, 0);
	xa_destroy(&xa);
	xa_init_flags(&xa, XA_FLAGS_ALLOC1);
	assert_int_equal(xa_alloc(&xa, &id, &entries[0], xa_limit_32b, GFP_KERNEL), 0);
	assert_int_equal(id, 1);
}

static void numbers_and_errors_are_no_pointers(void **state)
{
	void *value = xa_mk_value(12345);

	assert_true(xa_is_value(value));
	assert_int_equal(xa_to_value(value), 12345);
	assert_false(xa_is_err(value));
	assert_false(xa_is_value(&entries[0]));
	assert_false(xa_is_err(&entries[0]));
	assert_false(xa_is_err(NULL));
	assert_null(xa_store(&xa, 1, value, GFP_KERNEL));
	assert_ptr_equal(xa_load(&xa, 1), value);
}

#ifdef SHIM_CHECKED
static void without_memory_nothing_is_left(void **state)
{
	unsigned int n = 0;
	void *ret;

	do {
		shim_fail_nth(++n);
		ret = xa_store(&xa, ULONG_MAX, &entries[0], GFP_KERNEL);
		assert_true(!ret || xa_err(ret) == -ENOMEM);
		assert_true(!ret || xa_empty(&xa));
	} while (ret);
	shim_fail_nth(0);
	/* A node for every six bits of an index. */
	assert_int_equal(n - 1, 11);
}
#endif

static void read_on(void *arg)
{
	int *done = arg, *entry;

	while (!READ_ONCE(*done)) {
		for (int i = 0; i < MANY; i++) {
			entry = xa_load(&xa, indices[i]);
			if (entry && entry != &entries[i])
				abort();
		}
	}
}

static void readers_need_no_lock(void **state)
{
	struct cpu_thread reader;
	int done = 0;

	cpu_start(&reader, read_on, &done);
	for (int turn = 0; turn < 50; turn++) {
		for (int i = 0; i < MANY; i++)
			put(i);
		for (int i = 0; i < MANY; i++)
			take(i);
	}
	WRITE_ONCE(done, 1);
	cpu_join(&reader);
}

#define fresh(test)	cmocka_unit_test_setup_teardown(test, start_empty, empty_it)

int xarray_tests(void)
{
	const struct CMUnitTest tests[] = {
		fresh(what_is_stored_is_there_until_it_is_erased),
		fresh(a_walk_meets_every_entry_in_order),
		fresh(nothing_is_found_where_nothing_is),
		fresh(an_index_is_taken_once),
		fresh(the_lowest_free_index_is_given),
		fresh(numbers_and_errors_are_no_pointers),
#ifdef SHIM_CHECKED
		fresh(without_memory_nothing_is_left),
#endif
		fresh(readers_need_no_lock),
	};

	return cmocka_run_group_tests_name("xarray", tests, NULL, NULL);
}
