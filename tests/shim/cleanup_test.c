// SPDX-License-Identifier: GPL-2.0-only
/* What happens at the end of a scope: guards let go, pointers are freed. */
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "shim_test.h"

static DEFINE_MUTEX(mutex);
static DEFINE_SPINLOCK(lock);

static bool mutex_is_free(void)
{
	bool got = mutex_trylock(&mutex);

	if (got)
		mutex_unlock(&mutex);
	return got;
}

static bool return_under_guards(void)
{
	guard(mutex)(&mutex);
	guard(spinlock_irqsave)(&lock);

	return !mutex_is_free() && spin_is_locked(&lock);
}

static void a_guard_holds_until_the_function_returns(void **state)
{
	assert_true(return_under_guards());
	assert_true(mutex_is_free());
	assert_false(spin_is_locked(&lock));
	assert_false(irqs_disabled());
}

static void a_scoped_guard_holds_for_its_statement(void **state)
{
	int turns = 0;

	scoped_guard(spinlock, &lock) {
		assert_true(spin_is_locked(&lock));
		turns++;
	}
	assert_false(spin_is_locked(&lock));
	scoped_guard(raw_spinlock_irq, &lock) {
		turns++;
		if (turns == 2)
			break;
		turns++;
	}
	assert_false(spin_is_locked(&lock));
	assert_int_equal(turns, 2);
}

static void continue_ends_a_scoped_guard_too(void **state)
{
	int turns = 0;

	scoped_guard(mutex, &mutex) {
		turns++;
		continue;
	}
	assert_int_equal(turns, 1);
	assert_true(mutex_is_free());
}

static int freed;

DEFINE_FREE(count, int *, if (_T) freed += *_T)

static int *make(int *value, bool keep)
{
	int *p __free(count) = value;

	if (keep)
		return_ptr(p);
	return NULL;
}

static void a_pointer_is_freed_unless_it_is_kept(void **state)
{
	int value = 3;

	freed = 0;
	assert_null(make(&value, false));
	assert_int_equal(freed, 3);
	assert_ptr_equal(make(&value, true), &value);
	assert_int_equal(freed, 3);
	make(NULL, false);
	assert_int_equal(freed, 3);
}

/* What leaks is AddressSanitizer's to tell. */
static void memory_goes_with_its_scope(void **state)
{
	void *p __free(kfree) = kmalloc(8, GFP_KERNEL);
	void *error __free(kfree) = ERR_PTR(-ENOMEM);

	assert_non_null(p);
	assert_true(IS_ERR(error));
}

static void errors_are_told_from_pointers(void **state)
{
	int here;

	assert_int_equal(PTR_ERR(ERR_PTR(-ENOMEM)), -ENOMEM);
	assert_true(IS_ERR(ERR_PTR(-MAX_ERRNO)));
	assert_false(IS_ERR(ERR_PTR(-MAX_ERRNO - 1)));
	assert_false(IS_ERR(NULL));
	assert_false(IS_ERR(&here));
	assert_true(IS_ERR_OR_NULL(NULL));
	assert_int_equal(PTR_ERR_OR_ZERO(&here), 0);
	assert_int_equal(PTR_ERR_OR_ZERO(ERR_PTR(-EIO)), -EIO);
}

static void assert_held(void *arg)
{
	lockdep_assert_held(&lock);
	lockdep_assert_held(&mutex);
}

static void a_lock_that_nobody_holds_is_told(void **state)
{
	assert_int_equal(warnings_of(assert_held, NULL), 1);
	spin_lock(&lock);
	assert_int_equal(warnings_of(assert_held, NULL), 0);
	spin_unlock(&lock);
}

int cleanup_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_guard_holds_until_the_function_returns),
		cmocka_unit_test(a_scoped_guard_holds_for_its_statement),
		cmocka_unit_test(continue_ends_a_scoped_guard_too),
		cmocka_unit_test(a_pointer_is_freed_unless_it_is_kept),
		cmocka_unit_test(memory_goes_with_its_scope),
		cmocka_unit_test(errors_are_told_from_pointers),
		cmocka_unit_test(a_lock_that_nobody_holds_is_told),
	};

	return cmocka_run_group_tests_name("cleanup", tests, NULL, NULL);
}
