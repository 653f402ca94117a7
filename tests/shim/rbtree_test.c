// SPDX-License-Identifier: GPL-2.0-only
/* Red-black trees: balanced and in order whatever comes and goes. */
#include <linux/rbtree.h>
#include <stdlib.h>

#include "shim_test.h"

#define KEYS	200

struct number {
	int key;
	bool in;
	struct rb_node node;
};

static struct number numbers[KEYS];
static struct rb_root root;

static int key_of(const struct rb_node *node)
{
	return rb_entry(node, struct number, node)->key;
}

static bool less(struct rb_node *a, const struct rb_node *b)
{
	return key_of(a) < key_of(b);
}

static int compare(const void *key, const struct rb_node *node)
{
	return *(const int *)key - key_of(node);
}

/* Black nodes from here down to any leaf. */
static int black_height(const struct rb_node *node)
{
	int left, right;

	if (!node)
		return 1;
	assert_true(!node->rb_left || node->rb_left->parent == node);
	assert_true(!node->rb_right || node->rb_right->parent == node);
	if (node->red) {
		assert_true(!node->rb_left || !node->rb_left->red);
		assert_true(!node->rb_right || !node->rb_right->red);
	}
	left = black_height(node->rb_left);
	right = black_height(node->rb_right);
	assert_int_equal(left, right);
	return left + !node->red;
}

/* Exactly the numbers that are in, in order both ways, and balanced. */
static void assert_sound(void)
{
	struct rb_node *node = rb_first(&root);
	int key;

	assert_true(!root.rb_node || !root.rb_node->red);
	black_height(root.rb_node);
	for (key = 0; key < KEYS; key++) {
		if (!numbers[key].in)
			continue;
		assert_ptr_equal(node, &numbers[key].node);
		node = rb_next(node);
	}
	assert_null(node);
	node = rb_last(&root);
	while (key--) {
		if (!numbers[key].in)
			continue;
		assert_ptr_equal(node, &numbers[key].node);
		node = rb_prev(node);
	}
	assert_null(node);
}

static void toggle(struct number *number)
{
	if (number->in)
		rb_erase(&number->node, &root);
	else
		rb_add(&number->node, &root, less);
	number->in = !number->in;
}

static int start_empty(void **state)
{
	root = RB_ROOT;
	for (int key = 0; key < KEYS; key++)
		numbers[key] = (struct number) { .key = key };
	return 0;
}

static void it_is_balanced_after_every_change(void **state)
{
	unsigned int seed = 1;

	for (int i = 0; i < 4000; i++) {
		toggle(&numbers[rand_r(&seed) % KEYS]);
		assert_sound();
	}
	for (int key = 0; key < KEYS; key++)
		if (numbers[key].in)
			toggle(&numbers[key]);
	assert_true(RB_EMPTY_ROOT(&root));
}

static void it_is_balanced_when_filled_in_order(void **state)
{
	for (int key = 0; key < KEYS; key++)
		toggle(&numbers[key]);
	assert_sound();
	/* No deeper than twice the logarithm. */
	assert_true(black_height(root.rb_node) <= 9);
	for (int key = KEYS; key--;) {
		toggle(&numbers[key]);
		assert_sound();
	}
}

static void a_key_is_found_if_it_is_there(void **state)
{
	for (int key = 0; key < KEYS; key += 2)
		toggle(&numbers[key]);
	for (int key = 0; key < KEYS; key++)
		assert_ptr_equal(rb_find(&key, &root, compare),
				 key % 2 ? NULL : &numbers[key].node);
}

static void a_node_can_take_anothers_place(void **state)
{
	struct number twin = { .key = 50 };

	for (int key = 0; key < KEYS; key++)
		toggle(&numbers[key]);
	rb_replace_node(&numbers[50].node, &twin.node, &root);
	assert_ptr_equal(rb_next(&numbers[49].node), &twin.node);
	assert_ptr_equal(rb_prev(&numbers[51].node), &twin.node);
	rb_replace_node(&twin.node, &numbers[50].node, &root);
	assert_sound();
}

static void children_come_before_their_parents(void **state)
{
	struct number *pos, *after;
	int seen = 0;

	for (int key = 0; key < KEYS; key++)
		toggle(&numbers[key]);
	rbtree_postorder_for_each_entry_safe(pos, after, &root, node) {
		assert_true(!pos->node.rb_left || pos->node.rb_left->parent == NULL);
		assert_true(!pos->node.rb_right || pos->node.rb_right->parent == NULL);
		pos->node.parent = NULL;
		seen++;
	}
	assert_int_equal(seen, KEYS);
}

static void the_leftmost_is_kept_at_hand(void **state)
{
	struct rb_root_cached cached = RB_ROOT_CACHED;

	rb_link_node(&numbers[1].node, NULL, &cached.rb_root.rb_node);
	rb_insert_color_cached(&numbers[1].node, &cached, true);
	rb_link_node(&numbers[0].node, &numbers[1].node, &numbers[1].node.rb_left);
	rb_insert_color_cached(&numbers[0].node, &cached, true);
	assert_ptr_equal(rb_first_cached(&cached), &numbers[0].node);
	rb_erase_cached(&numbers[0].node, &cached);
	assert_ptr_equal(rb_first_cached(&cached), &numbers[1].node);
	rb_erase_cached(&numbers[1].node, &cached);
	assert_null(rb_first_cached(&cached));
}

static void a_node_in_no_tree_is_told(void **state)
{
	RB_CLEAR_NODE(&numbers[0].node);
	assert_true(RB_EMPTY_NODE(&numbers[0].node));
	assert_null(rb_next(&numbers[0].node));
	toggle(&numbers[0]);
	assert_false(RB_EMPTY_NODE(&numbers[0].node));
}

#define fresh(test)	cmocka_unit_test_setup(test, start_empty)

int rbtree_tests(void)
{
	const struct CMUnitTest tests[] = {
		fresh(it_is_balanced_after_every_change),
		fresh(it_is_balanced_when_filled_in_order),
		fresh(a_key_is_found_if_it_is_there),
		fresh(a_node_can_take_anothers_place),
		fresh(children_come_before_their_parents),
		fresh(the_leftmost_is_kept_at_hand),
		fresh(a_node_in_no_tree_is_told),
	};

	return cmocka_run_group_tests_name("rbtree", tests, NULL, NULL);
}
