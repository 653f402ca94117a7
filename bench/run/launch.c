// SPDX-License-Identifier: GPL-2.0-only
/*
 * The child has a process group of its own: the terminal's Ctrl-C reaches only the
 * runner, which passes it on once, and a kill takes the child's children along.
 * Output goes to memory files rather than pipes, so nobody has to keep reading while
 * something is being measured. Signals come through a signalfd: no handler, no race.
 */
#define _GNU_SOURCE 1	/* memfd_create(), environ */

#include <ctype.h>
#include <err.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alloc.h"
#include "clock.h"
#include "exit.h"
#include "launch.h"

#define STOP_GRACE 5.0		/* seconds between the interrupt and the kill */
#define LAST_LINES 3		/* of stderr in a reason */
#define LAST_BYTES 1000

static int signal_fd = -1;

void launch_init(void)
{
	static const int stops[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action;
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	for (i = 0; i < sizeof(stops) / sizeof(*stops); i++)
		if (!sigaction(stops[i], NULL, &action) && action.sa_handler != SIG_IGN)
			sigaddset(&set, stops[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signal_fd < 0)
		err(EXIT_FAILED, "no file descriptor: raise ulimit -n");
}

static int spawn(struct launch *launch, char *const argv[])
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, interrupt;
	int error;

	sigemptyset(&none);
	sigemptyset(&interrupt);
	sigaddset(&interrupt, SIGINT);

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, launch->out, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&files, launch->err, STDERR_FILENO);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
					POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &interrupt);

	error = posix_spawn(&launch->pid, argv[0], &files, &attr, argv, environ);

	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return error;
}

int launch_start(struct launch *launch, char *const argv[], double limit)
{
	int error;

	*launch = (struct launch){ .limit = limit, .pidfd = -1 };
	launch->out = memfd_create("stdout", MFD_CLOEXEC);
	launch->err = memfd_create("stderr", MFD_CLOEXEC);
	if (launch->out < 0 || launch->err < 0)
		err(EXIT_FAILED, "no file descriptor: raise ulimit -n");
	launch->started = clock_seconds();
	launch->killed_at = launch->started + limit;
	error = spawn(launch, argv);
	if (error) {
		launch_free(launch);
		return error;
	}
	launch->pidfd = pidfd_open(launch->pid, 0);
	if (launch->pidfd < 0)
		err(EXIT_FAILED, "cannot wait for the benchmark: use Linux 5.3 or newer");
	return 0;
}

static void heed_signals(struct launch *launch)
{
	struct signalfd_siginfo info;

	while (read(signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (!launch->stops++) {
			launch->end = LAUNCH_STOPPED;
			launch->killed_at = clock_seconds() + STOP_GRACE;
			kill(-launch->pid, SIGINT);
		} else {
			launch->end = LAUNCH_QUIT;
			kill(-launch->pid, SIGKILL);
		}
	}
}

static void kill_if_late(struct launch *launch)
{
	if (clock_seconds() < launch->killed_at)
		return;
	if (launch->end == LAUNCH_DONE)
		launch->end = LAUNCH_HUNG;
	launch->killed_at = HUGE_VAL;
	kill(-launch->pid, SIGKILL);
}

static void reap(struct launch *launch)
{
	waitpid(launch->pid, &launch->status, 0);
	launch->seconds = clock_seconds() - launch->started;
	if (launch->end == LAUNCH_DONE && launch->status)
		launch->end = LAUNCH_FAILED;
}

bool launch_wait(struct launch *launch, double seconds)
{
	struct pollfd fds[] = {
		{ .fd = launch->pidfd, .events = POLLIN },
		{ .fd = signal_fd, .events = POLLIN },
	};
	double left = launch->killed_at - clock_seconds();

	if (left > seconds)
		left = seconds;
	poll(fds, 2, left > 0 ? (int)(left * 1e3) + 1 : 0);
	if (fds[1].revents)
		heed_signals(launch);
	if (fds[0].revents) {
		reap(launch);
		return true;
	}
	kill_if_late(launch);
	return false;
}

/* The last @most bytes of a memory file, as a string to be freed. */
static char *tail_of(int fd, size_t most)
{
	struct stat file;
	size_t size;
	char *text;
	ssize_t got;

	if (fstat(fd, &file))
		file.st_size = 0;
	size = (size_t)file.st_size < most ? (size_t)file.st_size : most;
	text = xcalloc(size + 1, 1);
	got = pread(fd, text, size, file.st_size - size);
	text[got > 0 ? got : 0] = '\0';
	return text;
}

char *launch_output(const struct launch *launch)
{
	return tail_of(launch->out, SIZE_MAX);
}

/* Where the last few lines of a text without a newline at its end begin. */
static char *last_lines(char *text)
{
	char *start = text + strlen(text);
	int lines = 0;

	for (; start > text; start--)
		if (start[-1] == '\n' && ++lines == LAST_LINES)
			break;
	return start;
}

char *launch_last_words(const struct launch *launch)
{
	char *text = tail_of(launch->err, LAST_BYTES);
	size_t length = strlen(text);
	char *words, *c;

	while (length && isspace((unsigned char)text[length - 1]))
		text[--length] = '\0';
	words = xprintf("%s", last_lines(text));
	for (c = words; *c; c++)
		if (iscntrl((unsigned char)*c))
			*c = ' ';
	free(text);
	return words;
}

char *launch_reason(const struct launch *launch)
{
	char *words = launch_last_words(launch);
	const char *colon = *words ? ": " : "";
	char *reason;

	if (launch->end == LAUNCH_HUNG)
		reason = xprintf("killed after %.0f s without an end%s%s",
				 launch->limit, colon, words);
	else if (WIFSIGNALED(launch->status))
		reason = xprintf("%s%s%s", strsignal(WTERMSIG(launch->status)),
				 colon, words);
	else
		reason = xprintf("exit status %d%s%s", WEXITSTATUS(launch->status),
				 colon, words);
	free(words);
	return reason;
}

void launch_free(struct launch *launch)
{
	close(launch->out);
	close(launch->err);
	if (launch->pidfd >= 0)
		close(launch->pidfd);
}
