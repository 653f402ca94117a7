// SPDX-License-Identifier: GPL-2.0-only
/*
 * Red-black trees: no red node has a red child, and every way from the root to a leaf
 * passes as many black nodes.  What is done on one side of a node is done mirrored on
 * the other: side 0 is left, 1 is right.
 */
#include <linux/rbtree.h>

static bool is_red(const struct rb_node *node)
{
	return node && node->red;
}

/* Which side of its parent a node, or the NULL in its place, is on. */
static int side_of(const struct rb_node *node, const struct rb_node *parent)
{
	return parent->rb_right == node;
}

static void put_in_place(struct rb_root *root, struct rb_node *old, struct rb_node *new,
			 struct rb_node *parent)
{
	if (parent)
		parent->child[side_of(old, parent)] = new;
	else
		root->rb_node = new;
	if (new)
		new->parent = parent;
}

/* The node goes down on that side, its child of the other comes up in its place. */
static void rotate(struct rb_root *root, struct rb_node *node, int side)
{
	struct rb_node *up = node->child[!side], *inner = up->child[side];

	put_in_place(root, node, up, node->parent);
	up->child[side] = node;
	node->parent = up;
	node->child[!side] = inner;
	if (inner)
		inner->parent = node;
}

/* The node is red and new, or has become so: its parent may be, too. */
void rb_insert_color(struct rb_node *node, struct rb_root *root)
{
	struct rb_node *parent, *grand, *uncle;
	int side;

	while (is_red(parent = node->parent)) {
		grand = parent->parent;
		side = side_of(parent, grand);
		uncle = grand->child[!side];
		grand->red = true;
		if (is_red(uncle)) {
			parent->red = false;
			uncle->red = false;
			node = grand;
			continue;
		}
		if (side_of(node, parent) != side) {
			rotate(root, parent, side);
			parent = node;
		}
		parent->red = false;
		rotate(root, grand, !side);
		break;
	}
	root->rb_node->red = false;
}

/* The sibling is black and has a red child: one black node more for our side. */
static void borrow(struct rb_root *root, struct rb_node *parent, int side)
{
	struct rb_node *sibling = parent->child[!side];

	if (!is_red(sibling->child[!side])) {
		sibling->child[side]->red = false;
		sibling->red = true;
		rotate(root, sibling, !side);
		sibling = parent->child[!side];
	}
	sibling->red = parent->red;
	parent->red = false;
	sibling->child[!side]->red = false;
	rotate(root, parent, side);
}

/* Ways through the node, which may be NULL, have lost a black one. */
static void mend(struct rb_root *root, struct rb_node *node, struct rb_node *parent)
{
	struct rb_node *sibling;
	int side;

	while (parent && !is_red(node)) {
		side = side_of(node, parent);
		sibling = parent->child[!side];
		if (sibling->red) {
			sibling->red = false;
			parent->red = true;
			rotate(root, parent, side);
			sibling = parent->child[!side];
		}
		if (is_red(sibling->rb_left) || is_red(sibling->rb_right)) {
			borrow(root, parent, side);
			return;
		}
		sibling->red = true;
		node = parent;
		parent = node->parent;
	}
	if (node)
		node->red = false;
}

static struct rb_node *outermost(struct rb_node *node, int side)
{
	while (node && node->child[side])
		node = node->child[side];
	return node;
}

void rb_replace_node(struct rb_node *old, struct rb_node *new, struct rb_root *root)
{
	int side;

	*new = *old;
	put_in_place(root, old, new, old->parent);
	for (side = 0; side < 2; side++)
		if (new->child[side])
			new->child[side]->parent = new;
}

/* Of two children there is a next node, with none on its left: that one can go. */
void rb_erase(struct rb_node *node, struct rb_root *root)
{
	bool two = node->rb_left && node->rb_right;
	struct rb_node *gone = two ? outermost(node->rb_right, 0) : node;
	struct rb_node *child = gone->rb_left ?: gone->rb_right;
	struct rb_node *parent = gone->parent;
	bool red = gone->red;

	put_in_place(root, gone, child, parent);
	if (two) {
		rb_replace_node(node, gone, root);
		if (parent == node)
			parent = gone;
	}
	if (!red)
		mend(root, child, parent);
}

struct rb_node *rb_first(const struct rb_root *root)
{
	return outermost(root->rb_node, 0);
}

struct rb_node *rb_last(const struct rb_root *root)
{
	return outermost(root->rb_node, 1);
}

/* The nearest on that side: below it, or the first parent that it is not on of. */
static struct rb_node *step(const struct rb_node *node, int side)
{
	struct rb_node *parent;

	if (RB_EMPTY_NODE(node))
		return NULL;
	if (node->child[side])
		return outermost(node->child[side], !side);
	while ((parent = node->parent) && side_of(node, parent) == side)
		node = parent;
	return parent;
}

struct rb_node *rb_next(const struct rb_node *node)
{
	return step(node, 1);
}

struct rb_node *rb_prev(const struct rb_node *node)
{
	return step(node, 0);
}

static struct rb_node *deepest(struct rb_node *node)
{
	struct rb_node *below;

	while (node && (below = node->rb_left ?: node->rb_right))
		node = below;
	return node;
}

struct rb_node *rb_first_postorder(const struct rb_root *root)
{
	return deepest(root->rb_node);
}

struct rb_node *rb_next_postorder(const struct rb_node *node)
{
	struct rb_node *parent = node->parent;

	if (!parent || side_of(node, parent) || !parent->rb_right)
		return parent;
	return deepest(parent->rb_right);
}
