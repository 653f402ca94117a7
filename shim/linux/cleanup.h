/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stand-in for <linux/cleanup.h>: gcc's cleanup attribute under the kernel's names.  Of
 * guards there are those that always get the lock; the conditional ones of 6.7 are not.
 */
#ifndef SHIM_LINUX_CLEANUP_H
#define SHIM_LINUX_CLEANUP_H

#include <linux/compiler.h>
#include <linux/types.h>

#define __cleanup(function)	__attribute__((__cleanup__(function)))

/* In the statement, _T is the value that goes out of scope. */
#define DEFINE_FREE(name, type, statement)				\
	static inline void __free_##name(void *gone)			\
	{								\
		type _T = *(type *)gone;				\
									\
		statement;						\
	}
#define __free(name)	__cleanup(__free_##name)

/* The pointer, which is no longer freed. */
#define no_free_ptr(p) ({		\
	typeof(p) __kept = (p);		\
					\
	(p) = NULL;			\
	__kept; })
#define return_ptr(p)			return no_free_ptr(p)
#define retain_and_null_ptr(p)		((void)no_free_ptr(p))

#define DEFINE_CLASS(name, type, leave, enter, args...)			\
	typedef type class_##name##_t;					\
	static inline void class_##name##_destructor(type *gone)	\
	{								\
		type _T = *gone;					\
									\
		leave;							\
	}								\
	static inline type class_##name##_constructor(args)		\
	{								\
		type made = enter;					\
									\
		return made;						\
	}
#define CLASS(name, variable)						\
	class_##name##_t variable __cleanup(class_##name##_destructor) = \
		class_##name##_constructor

/* Of a lock that is one pointer, which may be NULL at the end: then nothing is left. */
#define DEFINE_GUARD(name, type, lock_it, unlock_it)			\
	DEFINE_CLASS(name, type, if (_T) unlock_it,			\
		     ({ lock_it; _T; }), type _T)

/* Of a lock that needs members beside it, which both statements find in _T. */
#define DEFINE_LOCK_GUARD_1(name, type, lock_it, unlock_it, members...)	\
	struct class_##name {						\
		type *lock;						\
		members;						\
	};								\
	typedef struct class_##name class_##name##_t;			\
	static inline void class_##name##_destructor(struct class_##name *_T) \
	{								\
		if (_T->lock)						\
			unlock_it;					\
	}								\
	static inline struct class_##name				\
	class_##name##_constructor(type *lock)				\
	{								\
		struct class_##name made = { .lock = lock }, *_T = &made; \
									\
		lock_it;						\
		return made;						\
	}

#define guard(name)	CLASS(name, __UNIQUE_ID(guard))

/* A loop of one turn, so that break leaves it, too. */
#define scoped_guard(name, args...)					\
	for (bool __first = true; __first; __first = false)		\
		for (CLASS(name, scope)(args); __first; __first = false)

#endif
