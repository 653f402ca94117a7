// SPDX-License-Identifier: GPL-2.0-only
/* Runs code in a process of its own, and says how that ended. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apart.h"

/* Far beyond any test's time on a busy machine: it hangs, in a lock for example. */
#define SECONDS		120
/* A pool that hangs at every turn would keep everybody waiting for hours. */
#define MAX_HUNG	3

#define EXIT_SKIPPED	77

/* Where apart_skip() leaves its reason for the caller's process. */
static char *reason;
static unsigned int hung;

void *apart_memory(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		abort();
	return memory;
}

void apart_skip(const char *why)
{
	snprintf(reason, BUFSIZ, "%s", why);
	exit(EXIT_SKIPPED);
}

static void be_apart(void (*run)(void *arg), void *arg)
{
	/* cmocka's handlers would go on with the tests after this one. */
	static const int signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGSYS };
	size_t i;

	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], SIG_DFL);
	signal(SIGALRM, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(SECONDS);
	run(arg);
	exit(EXIT_SUCCESS);
}

static const char *how_it_ended(int status)
{
	static char text[64];

	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) {
		hung++;
		snprintf(text, sizeof(text), "hangs: no end after %d s", SECONDS);
		return text;
	}
	if (WIFSIGNALED(status)) {
		snprintf(text, sizeof(text), "dies: %s", strsignal(WTERMSIG(status)));
		return text;
	}
	switch (WEXITSTATUS(status)) {
	case EXIT_SUCCESS:
	case EXIT_SKIPPED:
		return NULL;
	case EXIT_FAILURE:
		return "";
	default:
		snprintf(text, sizeof(text), "dies: exit %d", WEXITSTATUS(status));
		return text;
	}
}

const char *apart(void (*run)(void *arg), void *arg, const char **skipped)
{
	int status;
	pid_t child;

	*skipped = NULL;
	if (hung == MAX_HUNG)
		return "never ran: too many before it hang";
	if (!reason)
		reason = apart_memory(BUFSIZ);
	fflush(NULL);
	child = fork();
	if (!child)
		be_apart(run, arg);
	if (child < 0 || waitpid(child, &status, 0) != child)
		return "never ran: there is no process for it";
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIPPED)
		*skipped = reason;
	return how_it_ended(status);
}
