// SPDX-License-Identifier: GPL-2.0-only
/*
 * dmapool-run: the command line of the runner.
 */
#include <argp.h>
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "exit.h"
#include "run.h"

/* As many as Google Benchmark's compare.py wants for its U test. */
#define LAUNCHES 10
#define QUICK_TIMEOUT 120
#define FULL_TIMEOUT 1800

static const char doc[] =
	"Measures DMA pool variants against each other and writes one result set."
	"\v"
	"The benchmark program is launched many times, each launch a process of its own "
	"that runs one cell (a family and a variant), all cells in random order within "
	"each round, so that drift hits all variants alike.\n\n"
	"The last line on stdout is the folder of the result set, "
	"OUT/HOST/TIME-REVISION; everything else goes to stderr. Ctrl-C keeps what "
	"complete launches measured.\n\n"
	"Exit status: 0 fine, 2 wrong usage, 4 a launch or the run failed, 130 stopped.";

enum { KEY_BENCH = 256, KEY_PROFILE, KEY_VARIANTS, KEY_WORKLOADS, KEY_LAUNCHES,
       KEY_TIMEOUT, KEY_SEED, KEY_OUT, KEY_HELP };

static const struct argp_option options[] = {
	{ "profile", KEY_PROFILE, "quick|full", 0,
	  "How much to measure (default quick: minutes; full is for lab machines)", 0 },
	{ "variants", KEY_VARIANTS, "\"V ...\"", 0, "Only these variants", 0 },
	{ "workloads", KEY_WORKLOADS, "\"W ...\"", 0, "Only these workload families", 0 },
	{ "launches", KEY_LAUNCHES, "N", 0,
	  "Launches of every cell (default 10)", 0 },
	{ "seed", KEY_SEED, "N", 0,
	  "Repeat the order and the random numbers of an earlier run (default random)",
	  0 },
	{ "timeout", KEY_TIMEOUT, "SECONDS", 0,
	  "Kill a launch that takes longer (default 120 for quick, 1800 for full)", 0 },
	{ "bench", KEY_BENCH, "FILE", 0,
	  "The benchmark program (default build/dmapool-bench)", 0 },
	{ "out", KEY_OUT, "FOLDER", 0,
	  "Where result sets are kept (default results)", 0 },
	{ "help", KEY_HELP, NULL, 0, "Give this help", -1 },
	{ 0 },
};

static unsigned long long number(const char *option, const char *text,
				 unsigned long long min, unsigned long long max)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || *end || *text < '0' || *text > '9' || value < min || value > max)
		errx(EXIT_USAGE, "--%s=%s: give a number from %llu to %llu",
		     option, text, min, max);
	return value;
}

static const char *profile(const char *name)
{
	if (strcmp(name, "quick") && strcmp(name, "full"))
		errx(EXIT_USAGE, "--profile=%s: give quick or full", name);
	return name;
}

static const char *folder(const char *path)
{
	if (!*path)
		errx(EXIT_USAGE, "--out=: name a folder");
	return path;
}

/* argp is kept quiet (ARGP_NO_ERRS): its own complaints are several lines long. */
static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct run_options *run = state->input;

	switch (key) {
	case KEY_BENCH:
		run->bench = arg;
		break;
	case KEY_PROFILE:
		run->profile = profile(arg);
		break;
	case KEY_VARIANTS:
		run->variants = arg;
		break;
	case KEY_WORKLOADS:
		run->workloads = arg;
		break;
	case KEY_LAUNCHES:
		run->launches = number("launches", arg, 1, 10000);
		break;
	case KEY_TIMEOUT:
		run->timeout = number("timeout", arg, 1, 1000000);
		break;
	case KEY_SEED:
		run->seed = number("seed", arg, 0, UINT64_MAX);
		break;
	case KEY_OUT:
		run->out = folder(arg);
		break;
	case KEY_HELP:
		state->flags &= ~ARGP_NO_ERRS;
		argp_state_help(state, stdout, ARGP_HELP_STD_HELP);
		break;
	case ARGP_KEY_ARG:
		errx(EXIT_USAGE, "%s: only options are understood: see --help", arg);
	case ARGP_KEY_ERROR:
		errx(EXIT_USAGE, "%s: no such option, or not with that value: see --help",
		     state->argv[state->next - 1]);
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* Short enough to be typed again. */
static uint64_t random_seed(void)
{
	uint32_t seed;

	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		err(EXIT_FAILED, "no random seed: give one with --seed");
	return seed;
}

int main(int argc, char **argv)
{
	const struct argp argp = { options, parse, NULL, doc, NULL, NULL, NULL };
	struct run_options run_options = {
		.bench = "build/dmapool-bench",
		.profile = "quick",
		.out = "results",
		.seed = random_seed(),
	};
	bool full;

	argp_parse(&argp, argc, argv, ARGP_NO_ERRS | ARGP_NO_HELP, NULL, &run_options);
	full = !strcmp(run_options.profile, "full");
	if (!run_options.launches)
		run_options.launches = LAUNCHES;
	if (!run_options.timeout)
		run_options.timeout = full ? FULL_TIMEOUT : QUICK_TIMEOUT;
	return run(&run_options);
}
