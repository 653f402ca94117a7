/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/mutex.h> over libc's; locking one may sleep. */
#ifndef SHIM_LINUX_MUTEX_H
#define SHIM_LINUX_MUTEX_H

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

#endif
