/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/mutex.h> over libc's; locking one may sleep. */
#ifndef SHIM_LINUX_MUTEX_H
#define SHIM_LINUX_MUTEX_H

#include <linux/cleanup.h>
#include <linux/preempt.h>
#include <pthread.h>

struct mutex {
	pthread_mutex_t libc;
};

#define DEFINE_MUTEX(name) struct mutex name = { PTHREAD_MUTEX_INITIALIZER }

static inline void mutex_init(struct mutex *m)
{
	pthread_mutex_init(&m->libc, NULL);
}

static inline void mutex_lock(struct mutex *m)
{
	might_sleep();
	pthread_mutex_lock(&m->libc);
}

static inline void mutex_unlock(struct mutex *m)
{
	pthread_mutex_unlock(&m->libc);
}

static inline bool mutex_trylock(struct mutex *m)
{
	return !pthread_mutex_trylock(&m->libc);
}

/* Nothing sends a thread a signal to end it. */
static inline int mutex_lock_interruptible(struct mutex *m)
{
	mutex_lock(m);
	return 0;
}

#define mutex_lock_killable(m)		mutex_lock_interruptible(m)
#define mutex_lock_nested(m, subclass)	((void)(subclass), mutex_lock(m))

static inline void mutex_destroy(struct mutex *m)
{
	pthread_mutex_destroy(&m->libc);
}

DEFINE_GUARD(mutex, struct mutex *, mutex_lock(_T), mutex_unlock(_T))

#endif
