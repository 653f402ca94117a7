// SPDX-License-Identifier: GPL-2.0-only
/*
 * RCU: a grace period waits for the readers before it, and what it leaves may be used
 * again.  Under ThreadSanitizer the second is a proof for the accesses, too.
 */
#include <linux/rculist.h>

#include "shim_test.h"

#define READERS		2
#define ROUNDS		100
#define ENTRIES		4
#define GOOD		0x600d
#define GONE		0xdead

static int reading, may_leave, reader_left, period_over, left_before_period_over;

static void read_long(void *arg)
{
	rcu_read_lock();
	/* A section within another ends nothing. */
	rcu_read_lock();
	rcu_read_unlock();
	WRITE_ONCE(reading, 1);
	AWAIT(READ_ONCE(may_leave));
	WRITE_ONCE(reader_left, 1);
	rcu_read_unlock();
}

static void wait_for_readers(void *arg)
{
	synchronize_rcu();
	left_before_period_over = READ_ONCE(reader_left);
	WRITE_ONCE(period_over, 1);
}

static void a_reader_holds_a_grace_period_off(void **state)
{
	struct cpu_thread reader, writer;

	cpu_start(&reader, read_long, NULL);
	AWAIT(READ_ONCE(reading));
	cpu_start(&writer, wait_for_readers, NULL);
	sleep_ms(20);
	assert_false(READ_ONCE(period_over));
	WRITE_ONCE(may_leave, 1);
	cpu_join(&reader);
	cpu_join(&writer);
	assert_true(left_before_period_over);
}

struct entry {
	struct list_head list;
	int value;			/* plain, as a payload is */
};

static struct list_head head;
static struct entry entries[ENTRIES];
static int stop, seen_gone;

static void read_list(void *arg)
{
	struct entry *entry;

	while (!READ_ONCE(stop)) {
		rcu_read_lock();
		list_for_each_entry_rcu(entry, &head, list)
			if (entry->value != GOOD)
				WRITE_ONCE(seen_gone, 1);
		rcu_read_unlock();
	}
}

static void what_was_taken_out_can_be_used_again(void **state)
{
	struct cpu_thread readers[READERS];

	INIT_LIST_HEAD(&head);
	for (int i = 0; i < ENTRIES; i++) {
		entries[i].value = GOOD;
		list_add_rcu(&entries[i].list, &head);
	}
	for (int i = 0; i < READERS; i++)
		cpu_start(&readers[i], read_list, NULL);
	for (int i = 0; i < ROUNDS; i++) {
		struct entry *entry = &entries[i % ENTRIES];

		list_del_rcu(&entry->list);
		synchronize_rcu();
		entry->value = GONE;
		entry->value = GOOD;
		if (i % 2)
			list_add_rcu(&entry->list, &head);
		else
			list_add_tail_rcu(&entry->list, &head);
	}
	WRITE_ONCE(stop, 1);
	for (int i = 0; i < READERS; i++)
		cpu_join(&readers[i]);
	assert_false(seen_gone);
}

static void a_published_pointer_leads_to_what_was_written_before(void **state)
{
	static struct entry *published;
	static struct entry entry = { .value = GONE };

	assert_null(rcu_dereference(published));
	entry.value = GOOD;
	rcu_assign_pointer(published, &entry);
	assert_int_equal(rcu_dereference(published)->value, GOOD);
}

int rcu_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reader_holds_a_grace_period_off),
		cmocka_unit_test(what_was_taken_out_can_be_used_again),
		cmocka_unit_test(a_published_pointer_leads_to_what_was_written_before),
	};

	return cmocka_run_group_tests_name("rcu", tests, NULL, NULL);
}
