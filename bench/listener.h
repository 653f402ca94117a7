/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether anybody reads standard output.  If nobody does, that it cannot be written is no
 * failure: what was measured is in the files.  C and C++.
 */
#ifndef BENCH_LISTENER_H
#define BENCH_LISTENER_H

#include <poll.h>
#include <stdbool.h>
#include <unistd.h>

/* A pipe whose reader, or a terminal whose window is gone. */
static inline bool nobody_listens(void)
{
	struct pollfd out = { STDOUT_FILENO, POLLOUT, 0 };

	return poll(&out, 1, 0) > 0 && (out.revents & (POLLERR | POLLHUP));
}

#endif
