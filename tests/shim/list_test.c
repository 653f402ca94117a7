// SPDX-License-Identifier: GPL-2.0-only
/* Lists: what every call leaves, written out as the letters of the entries in order. */
#include <linux/list.h>

#include "shim_test.h"

struct letter {
	char is;
	struct list_head entry;
};

static struct letter letters[26];
static LIST_HEAD(head);
static LIST_HEAD(other);

/* The entries of a list, forwards; both directions have to agree. */
static const char *letters_of(struct list_head *list)
{
	static char text[32];
	struct letter *pos;
	size_t nr = 0;

	list_for_each_entry(pos, list, entry)
		text[nr++] = pos->is;
	text[nr] = '\0';
	list_for_each_entry_reverse(pos, list, entry)
		assert_int_equal(pos->is, text[--nr]);
	assert_int_equal(nr, 0);
	return text;
}

static struct list_head *entry_of(char c)
{
	return &letters[c - 'a'].entry;
}

static void fill(struct list_head *list, const char *text)
{
	INIT_LIST_HEAD(list);
	for (; *text; text++) {
		letters[*text - 'a'].is = *text;
		list_add_tail(entry_of(*text), list);
	}
}

static void entries_come_and_go(void **state)
{
	fill(&head, "bc");
	letters[0].is = 'a';
	list_add(entry_of('a'), &head);
	assert_string_equal(letters_of(&head), "abc");
	list_del_init(entry_of('b'));
	assert_true(list_empty(entry_of('b')));
	list_del(entry_of('a'));
	assert_string_equal(letters_of(&head), "c");
	assert_true(list_is_singular(&head));
	list_replace(entry_of('c'), entry_of('b'));
	assert_string_equal(letters_of(&head), "b");
	list_del(entry_of('b'));
	assert_true(list_empty(&head));
	assert_false(list_is_singular(&head));
}

static void entries_move(void **state)
{
	fill(&head, "abcd");
	fill(&other, "xy");
	list_move(entry_of('c'), &other);
	list_move_tail(entry_of('a'), &other);
	assert_string_equal(letters_of(&other), "cxya");
	list_rotate_left(&other);
	assert_string_equal(letters_of(&other), "xyac");
	assert_string_equal(letters_of(&head), "bd");
	assert_int_equal(list_count_nodes(&other), 4);
}

static void lists_are_joined(void **state)
{
	fill(&head, "ab");
	fill(&other, "xy");
	list_splice_init(&other, &head);
	assert_string_equal(letters_of(&head), "xyab");
	assert_true(list_empty(&other));
	fill(&other, "z");
	list_splice_tail_init(&other, &head);
	assert_string_equal(letters_of(&head), "xyabz");
	assert_true(list_empty(&other));
	list_splice_tail_init(&other, &head);
	list_splice_init(&other, &head);
	assert_string_equal(letters_of(&head), "xyabz");
	fill(&other, "uv");
	list_splice(&other, &head);
	assert_string_equal(letters_of(&head), "uvxyabz");
}

static void the_ends_are_known(void **state)
{
	struct letter *b = &letters[1];

	fill(&head, "abc");
	assert_int_equal(list_first_entry(&head, struct letter, entry)->is, 'a');
	assert_int_equal(list_last_entry(&head, struct letter, entry)->is, 'c');
	assert_int_equal(list_next_entry(b, entry)->is, 'c');
	assert_int_equal(list_prev_entry(b, entry)->is, 'a');
	assert_true(list_is_first(entry_of('a'), &head));
	assert_true(list_is_last(entry_of('c'), &head));
	assert_false(list_is_last(entry_of('b'), &head));
	assert_true(list_is_head(&head, &head));
	assert_int_equal(list_entry(head.next, struct letter, entry)->is, 'a');
	INIT_LIST_HEAD(&head);
	assert_null(list_first_entry_or_null(&head, struct letter, entry));
	assert_null(list_last_entry_or_null(&head, struct letter, entry));
}

static void a_walk_may_take_entries_out(void **state)
{
	struct letter *pos, *next;

	fill(&head, "abcdef");
	list_for_each_entry_safe(pos, next, &head, entry)
		if ((pos->is - 'a') % 2)
			list_del(&pos->entry);
	assert_string_equal(letters_of(&head), "ace");
	list_for_each_entry_safe_reverse(pos, next, &head, entry)
		list_move_tail(&pos->entry, &head);
	assert_string_equal(letters_of(&head), "eca");
}

static void a_walk_may_begin_anywhere(void **state)
{
	struct letter *pos;
	size_t nr = 0;

	fill(&head, "abcd");
	pos = &letters[2];
	list_for_each_entry_from(pos, &head, entry)
		nr++;
	assert_int_equal(nr, 2);
	pos = &letters[2];
	list_for_each_entry_continue(pos, &head, entry)
		nr++;
	assert_int_equal(nr, 3);
}

int list_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_come_and_go),
		cmocka_unit_test(entries_move),
		cmocka_unit_test(lists_are_joined),
		cmocka_unit_test(the_ends_are_known),
		cmocka_unit_test(a_walk_may_take_entries_out),
		cmocka_unit_test(a_walk_may_begin_anywhere),
	};

	return cmocka_run_group_tests_name("list", tests, NULL, NULL);
}
