// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time left is what each cell's earlier launches took, times the launches it has to
 * come; a cell without one is expected to be like the average.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "alloc.h"
#include "clock.h"
#include "progress.h"

#define PLAIN_LINE_SECONDS 10.0

struct pace {
	double seconds;		/* of its measured launches together */
	unsigned int measured;
	unsigned int to_come;
};

void progress_begin(struct progress *progress, const struct plan *plan)
{
	size_t i;

	*progress = (struct progress){
		.plan = plan,
		.paces = xcalloc(plan->n_cells, sizeof(*progress->paces)),
		.total = plan->n_cells * plan->launches,
		.started = clock_seconds(),
		.terminal = isatty(STDERR_FILENO),
	};
	progress->next_line = progress->started + PLAIN_LINE_SECONDS;
	for (i = 0; i < plan->n_cells; i++)
		progress->paces[i].to_come = plan->launches;
}

/* Seconds an average launch takes; 0 as long as none was measured. */
static double average(const struct progress *progress)
{
	double seconds = 0;
	unsigned int measured = 0;
	size_t i;

	for (i = 0; i < progress->plan->n_cells; i++) {
		seconds += progress->paces[i].seconds;
		measured += progress->paces[i].measured;
	}
	return measured ? seconds / measured : 0;
}

static double pace_of(const struct pace *pace, double otherwise)
{
	return pace->measured ? pace->seconds / pace->measured : otherwise;
}

static double seconds_left(const struct progress *progress, double now)
{
	double otherwise = average(progress);
	double current = pace_of(&progress->paces[progress->cell], otherwise);
	double gone = now - progress->launched;
	double left = 0;
	size_t i;

	for (i = 0; i < progress->plan->n_cells; i++)
		left += progress->paces[i].to_come *
			pace_of(&progress->paces[i], otherwise);
	return left - (gone < current ? gone : current);
}

static char *line(const struct progress *progress, double now)
{
	unsigned int elapsed = now - progress->started;
	unsigned int left = seconds_left(progress, now) + 0.5;
	int width = snprintf(NULL, 0, "%zu", progress->total);
	char *estimate;
	char *text;

	if (average(progress) > 0)
		estimate = xprintf("%u:%02u", left / 60, left % 60);
	else
		estimate = xprintf("?");
	text = xprintf("[%*zu/%zu] %zu %%  %s  launch %u/%u  elapsed %u:%02u  left %s",
		       width, progress->done, progress->total,
		       100 * progress->done / progress->total,
		       progress->plan->cells[progress->cell].name,
		       progress->round + 1, progress->plan->launches,
		       elapsed / 60, elapsed % 60, estimate);
	free(estimate);
	return text;
}

/* A line that wraps could not be redrawn: cut it to the terminal's width. */
static int terminal_width(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) || size.ws_col < 2)
		return 79;
	return size.ws_col - 1;
}

void progress_tick(struct progress *progress)
{
	double now = clock_seconds();
	char *text;

	if (!progress->terminal && now < progress->next_line)
		return;
	text = line(progress, now);
	if (progress->terminal)
		fprintf(stderr, "\r%.*s\033[K", terminal_width(), text);
	else
		fprintf(stderr, "%s\n", text);
	progress->next_line = now + PLAIN_LINE_SECONDS;
	free(text);
}

void progress_launch(struct progress *progress, size_t cell, unsigned int round)
{
	progress->cell = cell;
	progress->round = round;
	progress->launched = clock_seconds();
	progress_tick(progress);
}

void progress_done(struct progress *progress, size_t cell, double seconds)
{
	struct pace *pace = &progress->paces[cell];

	progress->done++;
	pace->to_come--;
	if (seconds > 0) {
		pace->seconds += seconds;
		pace->measured++;
	}
}

void progress_end(struct progress *progress)
{
	if (progress->terminal)
		fputs("\r\033[K", stderr);
	free(progress->paces);
}
