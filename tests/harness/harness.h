/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of the harness's view of the machine share: skips, children, masks. */
#ifndef TESTS_HARNESS_H
#define TESTS_HARNESS_H

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define SKIP(why)							\
	do {								\
		print_message("skipped: %s\n", why);			\
		skip();							\
	} while (0)

/* For children, where cmocka's asserts would run the parent's other tests. */
#define CHECK(truth)							\
	do {								\
		if (!(truth)) {						\
			print_error("%s:%d: not so: %s\n", __FILE__,	\
				    __LINE__, #truth);			\
			_exit(1);					\
		}							\
	} while (0)

/* What must not happen to this process happens in a child. */
static inline void in_child(void (*body)(void))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		body();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static inline cpu_set_t affinity(void)
{
	cpu_set_t mask;

	assert_int_equal(sched_getaffinity(0, sizeof(mask), &mask), 0);
	return mask;
}

static inline int last_cpu(const cpu_set_t *mask)
{
	int cpu = CPU_SETSIZE - 1;

	while (!CPU_ISSET(cpu, mask))
		cpu--;
	return cpu;
}

#endif
