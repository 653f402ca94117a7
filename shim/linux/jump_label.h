/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stand-in for <linux/jump_label.h>: the kernel patches the branch in and out; here
 * it is a load of a word nobody writes while it is read, and a branch predicted
 * as the key began.
 */
#ifndef SHIM_LINUX_JUMP_LABEL_H
#define SHIM_LINUX_JUMP_LABEL_H

#include <linux/compiler.h>
#include <linux/init.h>
#include <linux/types.h>

struct static_key {
	int enabled;
};

struct static_key_true {
	struct static_key key;
};

struct static_key_false {
	struct static_key key;
};

#define STATIC_KEY_INIT_TRUE		{ 1 }
#define STATIC_KEY_INIT_FALSE		{ 0 }

#define DEFINE_STATIC_KEY_TRUE(name) \
	struct static_key_true name = { STATIC_KEY_INIT_TRUE }
/* What a boot option, a sysctl or a file of debugfs would turn on: see init.h. */
#define DEFINE_STATIC_KEY_FALSE(name) \
	struct static_key_false name = { { shim_booted_with(#name) } }
#define DECLARE_STATIC_KEY_TRUE(name)	extern struct static_key_true name
#define DECLARE_STATIC_KEY_FALSE(name)	extern struct static_key_false name

#define static_key_enabled(k) \
	(READ_ONCE(((const struct static_key *)(k))->enabled) > 0)
#define static_branch_likely(k)		likely(READ_ONCE((k)->key.enabled))
#define static_branch_unlikely(k)	unlikely(READ_ONCE((k)->key.enabled))

/* To patch every CPU's code takes a while, in the checked build as in the kernel. */
#ifdef SHIM_CHECKED
void shim_patch_code(void);
#else
static inline void shim_patch_code(void)
{
}
#endif

/* These may sleep. */
#define static_branch_enable(k)		static_key_enable(&(k)->key)
#define static_branch_disable(k)	static_key_disable(&(k)->key)
#define static_branch_inc(k)		static_key_slow_inc(&(k)->key)
#define static_branch_dec(k)		static_key_slow_dec(&(k)->key)

/* As keys were up to 4.2: named by how the branch is predicted. */
#define static_key_true(k)		likely(READ_ONCE((k)->enabled))
#define static_key_false(k)		unlikely(READ_ONCE((k)->enabled))

static inline void static_key_enable(struct static_key *key)
{
	shim_patch_code();
	WRITE_ONCE(key->enabled, 1);
}

static inline void static_key_disable(struct static_key *key)
{
	shim_patch_code();
	WRITE_ONCE(key->enabled, 0);
}

static inline void static_key_slow_inc(struct static_key *key)
{
	shim_patch_code();
	__atomic_add_fetch(&key->enabled, 1, __ATOMIC_SEQ_CST);
}

static inline void static_key_slow_dec(struct static_key *key)
{
	shim_patch_code();
	__atomic_sub_fetch(&key->enabled, 1, __ATOMIC_SEQ_CST);
}

#endif
