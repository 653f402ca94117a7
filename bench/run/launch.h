/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One child process: started, waited for, given up on after a while, stopped with the
 * user's Ctrl-C; its output kept in memory.
 */
#ifndef RUN_LAUNCH_H
#define RUN_LAUNCH_H

#include <stdbool.h>
#include <sys/types.h>

enum launch_end {
	LAUNCH_DONE,		/* exit status 0 */
	LAUNCH_FAILED,		/* any other, or a signal */
	LAUNCH_HUNG,		/* killed, for it took too long */
	LAUNCH_STOPPED,		/* the user stopped the run */
	LAUNCH_QUIT,		/* the user stopped it twice: at once */
};

struct launch {
	pid_t pid;
	int pidfd;		/* readable when the child has ended */
	int out, err;		/* memory files: its stdout and stderr */
	double started;		/* CLOCK_MONOTONIC, seconds */
	double seconds;		/* how long it ran; set at its end */
	double limit;		/* seconds it may run */
	double killed_at;	/* when to kill it, CLOCK_MONOTONIC */
	double interrupted;	/* when Ctrl-C came first: never, so far */
	int status;		/* as wait() gives it */
	enum launch_end end;
};

/**
 * launch_init() - from now on what stops a program ends launches instead: Ctrl-C,
 * SIGTERM, SIGHUP of a terminal that closes, SIGQUIT
 *
 * A signal that is ignored when the program starts (nohup) stays ignored.
 */
void launch_init(void);

/**
 * launch_start() - start @argv in a process group of its own
 * @limit:	seconds after which it counts as hung and is killed
 *
 * Return: 0 or an errno value; after 0 call launch_wait() until it returns true and
 * then launch_free().
 */
int launch_start(struct launch *launch, char *const argv[], double limit);

/**
 * launch_wait() - wait up to @seconds for the end of the child
 *
 * A stop interrupts the child and leaves it five seconds to end; Ctrl-C once more kills
 * it.
 *
 * Return: true when it has ended and been reaped; launch->end says how.
 */
bool launch_wait(struct launch *launch, double seconds);

/* What the child wrote to stdout: a string to be freed. */
char *launch_output(const struct launch *launch);

/* The last line the child wrote to stderr, or "": a string to be freed. */
char *launch_complaint(const struct launch *launch);

/* Why a launch that is not LAUNCH_DONE failed, in one line: a string to be freed. */
char *launch_reason(const struct launch *launch);

void launch_free(struct launch *launch);

#endif
