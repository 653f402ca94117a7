// SPDX-License-Identifier: GPL-2.0-only
/* Reads the kernel's log as the contract's tests want it. */
#include <linux/kmsg_dump.h>

#include "log.h"
#include "tests/contract/contract.h"

#define ERROR_LEVEL 3

/* Of the one test that runs. */
static struct kmsg_dump_iter at;
static char line[1024], news[16 << 10], told[16 << 10];
static size_t nr_news;
static unsigned int warnings;

/* A line without its level, time and thread: "<3>[   12.345678] platform dev0: text". */
static const char *text_of(const char *line)
{
	const char *text = strchr(line, '>') + 1;

	if (*text == '[' && strstr(text, "] "))
		text = strstr(text, "] ") + 2;
	/* The bus of a device that has no driver. */
	return text + (strstarts(text, "platform ") ? strlen("platform ") : 0);
}

/* Below an error there is what a slow guest says of its clock, and the like. */
static bool is_error(unsigned int level, const char *text)
{
	/* Said where a test has a call of its own fail; there is no pool then. */
	return level <= ERROR_LEVEL && !strstarts(text, "workqueue: Failed to ");
}

static void note(unsigned int level, const char *text)
{
	bool warning = strstarts(text, "WARNING: ") || strstarts(text, "BUG: ");

	warnings += warning;
	if (warning || is_error(level, text))
		nr_news += scnprintf(news + nr_news, sizeof(news) - nr_news, "%s", text);
}

static void read_log(void)
{
	unsigned int level;
	size_t length;

	while (kmsg_dump_get_line(&at, true, line, sizeof(line) - 1, &length)) {
		line[length] = '\0';
		if (sscanf(line, "<%u>", &level) == 1)
			note(level & 7, text_of(line));
	}
}

static void forget_news(void)
{
	nr_news = 0;
	news[0] = '\0';
}

void log_begin(void)
{
	read_log();
	forget_news();
	warnings = 0;
}

const char *contract_log(struct contract *t)
{
	read_log();
	strscpy(told, news, sizeof(told));
	forget_news();
	return told;
}

unsigned int contract_warnings(struct contract *t)
{
	unsigned int fresh;

	read_log();
	fresh = warnings;
	warnings = 0;
	return fresh;
}
