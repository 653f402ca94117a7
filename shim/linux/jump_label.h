/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stand-in for <linux/jump_label.h>: the kernel patches the branch in and out; here
 * it is a load of a word nobody writes while it is read, and a branch predicted
 * not taken.
 */
#ifndef SHIM_LINUX_JUMP_LABEL_H
#define SHIM_LINUX_JUMP_LABEL_H

#include <linux/compiler.h>
#include <linux/types.h>

struct static_key_false {
	bool enabled;
};

#define DEFINE_STATIC_KEY_FALSE(name)	struct static_key_false name = { false }
#define static_branch_unlikely(key)	unlikely(READ_ONCE((key)->enabled))

/* To patch every CPU's code takes a while, in the checked build as in the kernel. */
#ifdef SHIM_CHECKED
void shim_patch_code(void);
#else
static inline void shim_patch_code(void)
{
}
#endif

/* May sleep. */
static inline void static_branch_enable(struct static_key_false *key)
{
	shim_patch_code();
	WRITE_ONCE(key->enabled, true);
}

#endif
