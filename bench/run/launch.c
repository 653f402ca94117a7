// SPDX-License-Identifier: GPL-2.0-only
/*
 * The child has a process group of its own: the terminal's Ctrl-C reaches only the
 * runner, which passes it on once, and a kill takes the child's children along.
 * Should the runner itself be killed, the kernel kills the child.
 * Output goes to memory files rather than pipes, so nobody has to keep reading while
 * something is being measured. Signals come through a signalfd: no handler, no race.
 */
#define _GNU_SOURCE 1	/* memfd_create(), environ */

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alloc.h"
#include "clock.h"
#include "exit.h"
#include "launch.h"
#include "text.h"

#define STOP_GRACE 5.0		/* seconds between the interrupt and the kill */
#define ONE_STOP 0.2		/* seconds within which two Ctrl-C are one */
#define LAST_BYTES 1000		/* of stderr, in which its last line is looked for */

static int signal_fd = -1;

/* So that no file opened later stands in for a standard stream that was closed. */
static void open_standard_streams(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	close(fd);
}

void launch_init(void)
{
	static const int stops[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction action;
	sigset_t set;
	size_t i;

	open_standard_streams();
	sigemptyset(&set);
	for (i = 0; i < sizeof(stops) / sizeof(*stops); i++)
		if (!sigaction(stops[i], NULL, &action) && action.sa_handler != SIG_IGN)
			sigaddset(&set, stops[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signal_fd < 0)
		err(EXIT_FAILED, "no file descriptor: raise ulimit -n");
	/* What was measured matters more than who listens. */
	signal(SIGPIPE, SIG_IGN);
}

/*
 * What makes a fork the benchmark program; the errno value of what kept it from that.
 * It hears of a stop from the runner alone, and so must not ignore it.
 */
static int become(const struct launch *launch, char *const argv[], pid_t runner)
{
	int null = open("/dev/null", O_RDONLY);
	sigset_t none;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != runner)
		return ESRCH;
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(launch->out, STDOUT_FILENO) < 0 || dup2(launch->err, STDERR_FILENO) < 0)
		return errno;
	close(null);
	signal(SIGINT, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execve(argv[0], argv, environ);
	return errno;
}

/* By vfork(), which has the runner's memory until it has become something else. */
static int spawn(struct launch *launch, char *const argv[])
{
	pid_t runner = getpid();
	volatile int error = 0;
	pid_t pid = vfork();

	if (pid < 0)
		return errno;
	if (!pid) {
		error = become(launch, argv, runner);
		_exit(EXIT_FAILED);
	}
	if (error)
		waitpid(pid, NULL, 0);
	launch->pid = pid;
	return error;
}

int launch_start(struct launch *launch, char *const argv[], double limit)
{
	int error;

	*launch = (struct launch){ .limit = limit, .pidfd = -1, .interrupted = HUGE_VAL };
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

static void stop(struct launch *launch, double now)
{
	if (launch->end == LAUNCH_STOPPED || launch->end == LAUNCH_QUIT)
		return;
	launch->end = LAUNCH_STOPPED;
	launch->killed_at = now + STOP_GRACE;
	kill(-launch->pid, SIGINT);
}

/*
 * Only a user who presses Ctrl-C again is in a hurry. A terminal that closes says so more
 * than once, and timeout(1) sends a signal to the process and to its group.
 */
static void heed_signals(struct launch *launch)
{
	struct signalfd_siginfo info;

	while (read(signal_fd, &info, sizeof(info)) == sizeof(info)) {
		bool interrupt = info.ssi_signo == SIGINT;
		double now = clock_seconds();

		if (interrupt && now > launch->interrupted + ONE_STOP) {
			launch->end = LAUNCH_QUIT;
			kill(-launch->pid, SIGKILL);
		} else {
			stop(launch, now);
		}
		if (interrupt && isinf(launch->interrupted))
			launch->interrupted = now;
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

/* What it has started and left behind would be measured with the next one. */
static void reap(struct launch *launch)
{
	kill(-launch->pid, SIGKILL);
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

char *launch_complaint(const struct launch *launch)
{
	char *text = tail_of(launch->err, LAST_BYTES);
	size_t length = strlen(text);
	char *complaint, *line;

	while (length && isspace((unsigned char)text[length - 1]))
		text[--length] = '\0';
	line = strrchr(text, '\n');
	complaint = xprintf("%s", line ? line + 1 : text);
	free(text);
	return one_line(complaint);
}

char *launch_reason(const struct launch *launch)
{
	char *complaint = launch_complaint(launch);
	const char *colon = *complaint ? ": " : "";
	char *reason;

	if (launch->end == LAUNCH_HUNG)
		reason = xprintf("killed after %.0f s without an end%s%s",
				 launch->limit, colon, complaint);
	else if (WIFSIGNALED(launch->status))
		reason = xprintf("%s%s%s", strsignal(WTERMSIG(launch->status)),
				 colon, complaint);
	else
		reason = xprintf("exit status %d%s%s", WEXITSTATUS(launch->status),
				 colon, complaint);
	free(complaint);
	return reason;
}

void launch_free(struct launch *launch)
{
	close(launch->out);
	close(launch->err);
	if (launch->pidfd >= 0)
		close(launch->pidfd);
}
