/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stand-in for <linux/rbtree.h>: a red-black tree whose users descend by themselves.
 * The colour has a word of its own.  The augmented, latched and RCU forms are not here.
 */
#ifndef SHIM_LINUX_RBTREE_H
#define SHIM_LINUX_RBTREE_H

#include <linux/kernel.h>

struct rb_node {
	struct rb_node *parent;		/* itself: in no tree */
	union {
		struct {
			struct rb_node *rb_left, *rb_right;
		};
		struct rb_node *child[2];
	};
	bool red;
};

struct rb_root {
	struct rb_node *rb_node;
};

struct rb_root_cached {
	struct rb_root rb_root;
	struct rb_node *rb_leftmost;
};

#define RB_ROOT			((struct rb_root) { NULL })
#define RB_ROOT_CACHED		((struct rb_root_cached) { RB_ROOT, NULL })
#define RB_EMPTY_ROOT(root)	(!READ_ONCE((root)->rb_node))
#define RB_EMPTY_NODE(node)	((node)->parent == (node))
#define RB_CLEAR_NODE(node)	((node)->parent = (node))
#define rb_parent(node)		((node)->parent)

#define rb_entry(ptr, type, member)	container_of(ptr, type, member)
#define rb_entry_safe(ptr, type, member) ({			\
	typeof(ptr) __node = (ptr);				\
								\
	__node ? rb_entry(__node, type, member) : NULL; })

/* A new node hangs where the descent ended; then the tree is balanced. */
static inline void rb_link_node(struct rb_node *node, struct rb_node *parent,
				struct rb_node **link)
{
	*node = (struct rb_node) { .parent = parent, .red = true };
	*link = node;
}

void rb_insert_color(struct rb_node *node, struct rb_root *root);
void rb_erase(struct rb_node *node, struct rb_root *root);
void rb_replace_node(struct rb_node *old, struct rb_node *new, struct rb_root *root);

/* In the order of the descents; NULL past the ends. */
struct rb_node *rb_first(const struct rb_root *root);
struct rb_node *rb_last(const struct rb_root *root);
struct rb_node *rb_next(const struct rb_node *node);
struct rb_node *rb_prev(const struct rb_node *node);

/* Children before their parents, so that each may be freed when it was seen. */
struct rb_node *rb_first_postorder(const struct rb_root *root);
struct rb_node *rb_next_postorder(const struct rb_node *node);

#define rbtree_postorder_for_each_entry_safe(pos, after, root, member)	\
	for (pos = rb_entry_safe(rb_first_postorder(root), typeof(*pos), member); \
	     pos && ({ after = rb_entry_safe(rb_next_postorder(&pos->member), \
					     typeof(*pos), member); true; }); \
	     pos = after)

#define rb_first_cached(root)	((root)->rb_leftmost)

static inline void rb_insert_color_cached(struct rb_node *node,
					  struct rb_root_cached *root, bool leftmost)
{
	if (leftmost)
		root->rb_leftmost = node;
	rb_insert_color(node, &root->rb_root);
}

static inline void rb_erase_cached(struct rb_node *node, struct rb_root_cached *root)
{
	if (root->rb_leftmost == node)
		root->rb_leftmost = rb_next(node);
	rb_erase(node, &root->rb_root);
}

/* The descents themselves, since 5.12. */
static inline void rb_add(struct rb_node *node, struct rb_root *root,
			  bool (*less)(struct rb_node *, const struct rb_node *))
{
	struct rb_node **link = &root->rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = &parent->child[!less(node, parent)];
	}
	rb_link_node(node, parent, link);
	rb_insert_color(node, root);
}

static inline struct rb_node *rb_find(const void *key, const struct rb_root *root,
				      int (*cmp)(const void *, const struct rb_node *))
{
	struct rb_node *node = root->rb_node;
	int order;

	while (node) {
		order = cmp(key, node);
		if (!order)
			break;
		node = node->child[order > 0];
	}
	return node;
}

#endif
