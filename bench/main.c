// SPDX-License-Identifier: GPL-2.0-only
/*
 * dmapool-bench: the matrix of variants and workloads as a Google Benchmark program.
 * Reads the command line, registers the rows, puts the machine's facts into the
 * context, runs.
 */
#include "workloads/workload.h"

#include <argp.h>
#include <err.h>
#include <libgen.h>
#include <linux/smp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "counters.h"
#include "engine.h"
#include "fingerprint.h"
#include "gb.h"
#include "topology.h"
#include "../shim/linux/spinlock.h"

/* The last of the shim's is its own. */
#define MOST_CPUS	(NR_CPUS - 1)

#define EXIT_USAGE	2
#define EXIT_FAILED	4

/* The variants linked in: entries of workloads/variant.c, in link order. */
extern const struct wl_variant *const __start_wl_variants[], *const __stop_wl_variants[];

struct options {
	bool full;
	const char *variants;		/* NULL: all */
	const char *workloads;
	const char *raw_out;
	uint64_t seed;
};

enum { OPT_PROFILE = 256, OPT_VARIANTS, OPT_WORKLOADS, OPT_SEED, OPT_RAW_OUT, OPT_HELP };

static const struct argp_option option_list[] = {
	{ "profile", OPT_PROFILE, "quick|full", 0,
	  "Which rows, and how long each is measured (default: quick)", 0 },
	{ "variants", OPT_VARIANTS, "NAMES", 0,
	  "Only these pools, by name, separated by blanks", 0 },
	{ "workloads", OPT_WORKLOADS, "NAMES", 0,
	  "Only these families, by name, separated by blanks", 0 },
	{ "seed", OPT_SEED, "N", 0, "Seed of all random choices (default: 1)", 0 },
	{ "raw-out", OPT_RAW_OUT, "FILE", 0,
	  "Write histograms and series to FILE, as JSON", 0 },
	{ "help", OPT_HELP, NULL, 0, "Give this help", -1 },
	{ 0 }
};

static const char doc[] =
	"Benchmarks of DMA pool designs."
	"\vEvery --benchmark_... flag of Google Benchmark is understood, among them "
	"--benchmark_list_tests, --benchmark_filter=REGEX, --benchmark_min_time=SECONDS "
	"and --benchmark_out=FILE.\n\n"
	"Exit status: 0 fine, 2 usage, 4 a benchmark failed, 130 stopped.";

static error_t parse_seed(const char *arg, uint64_t *seed)
{
	char *end;

	errno = 0;
	*seed = strtoull(arg, &end, 0);
	return errno || end == arg || *end || *arg == '-' ? EINVAL : 0;
}

/* argp is kept quiet (ARGP_NO_ERRS): its own complaints are two lines long. */
static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *opt = state->input;

	switch (key) {
	case OPT_PROFILE:
		opt->full = !strcmp(arg, "full");
		if (!opt->full && strcmp(arg, "quick"))
			errx(EXIT_USAGE, "--profile=%s: say quick or full", arg);
		return 0;
	case OPT_VARIANTS:
		opt->variants = arg;
		return 0;
	case OPT_WORKLOADS:
		opt->workloads = arg;
		return 0;
	case OPT_RAW_OUT:
		opt->raw_out = arg;
		return 0;
	case OPT_SEED:
		if (parse_seed(arg, &opt->seed))
			errx(EXIT_USAGE, "--seed=%s: say a whole number", arg);
		return 0;
	case OPT_HELP:
		state->flags &= ~ARGP_NO_ERRS;
		argp_state_help(state, stdout, ARGP_HELP_STD_HELP);
		return 0;
	case ARGP_KEY_ARG:
		errx(EXIT_USAGE, "'%s': options begin with --: see --help", arg);
	case ARGP_KEY_ERROR:
		errx(EXIT_USAGE, "%s: no such option, or not with that value: see --help",
		     state->argv[state->next - 1]);
	}
	return ARGP_ERR_UNKNOWN;
}

/* Every argument but Google Benchmark's. */
static void parse_own(int argc, char **argv, struct options *opt)
{
	static const struct argp argp = {
		.options = option_list, .parser = parse_option, .doc = doc,
	};
	char **own = calloc(argc + 1, sizeof(*own));
	int n = 0;

	if (!own)
		err(EXIT_FAILED, "cannot read the command line");
	for (int i = 0; i < argc; i++)
		if (strncmp(argv[i], "--benchmark_", strlen("--benchmark_")))
			own[n++] = argv[i];
	argp_parse(&argp, n, own, ARGP_NO_ERRS | ARGP_NO_HELP, NULL, opt);
	free(own);
}

/* Whether name is one of the words of list; a NULL list has them all. */
static bool listed(const char *list, const char *name)
{
	size_t len = strlen(name);

	if (!list)
		return true;
	for (const char *p = list; (p = strstr(p, name)); p += len)
		if ((p == list || p[-1] == ' ') && (!p[len] || p[len] == ' '))
			return true;
	return false;
}

static void print_valid(const char *(*name)(size_t i))
{
	for (size_t i = 0; name(i); i++)
		fprintf(stderr, " %s", name(i));
	fputc('\n', stderr);
}

/* Every word of list must be a name there is. */
static bool check_names(const char *what, const char *list, const char *(*name)(size_t i))
{
	char *words = list ? strdup(list) : NULL, *save;
	bool known = true;
	size_t i;

	for (char *word = words ? strtok_r(words, " ", &save) : NULL; word && known;
	     word = strtok_r(NULL, " ", &save)) {
		for (i = 0; name(i) && strcmp(name(i), word); i++)
			;
		known = name(i);
		if (!known) {
			fprintf(stderr, "dmapool-bench: no %s '%s': there are", what,
				word);
			print_valid(name);
		}
	}
	if (list && !strtok_r(strcpy(words, list), " ", &save)) {
		fprintf(stderr, "dmapool-bench: no %s named: there are", what);
		print_valid(name);
		known = false;
	}
	free(words);
	return known;
}

static const char *variant_name(size_t i)
{
	const struct wl_variant *const *entry = __start_wl_variants + i;

	return entry < __stop_wl_variants ? (*entry)->name : NULL;
}

static const char *family_name(size_t i)
{
	const struct workload *family = (*__start_wl_variants)->families[i];

	return family ? family->family : NULL;
}

/* This machine's CPUs, as far as there is a place for them. */
static int usable_cpus(void)
{
	return min(topology_cpus(), MOST_CPUS);
}

/* 1, 2, 4 ... and all usable CPUs, in steps of the CPUs an operation takes. */
static int register_row(const struct wl_variant *variant, const struct workload *workload,
			const struct wl_row *row)
{
	int step = max(workload->cpus_per_op, 1u);
	int most = row->many ? usable_cpus() / step * step : step;
	int err = 0, threads;

	for (threads = step; threads < most && !err; threads *= 2)
		err = engine_register(variant, workload, row, threads);
	if (!err && most)
		err = engine_register(variant, workload, row, most);
	return err;
}

static int register_family(const struct wl_variant *variant,
			   const struct workload *workload, bool full)
{
	int err = 0;

	for (unsigned int i = 0; i < workload->nr_rows && !err; i++)
		if (full || !workload->rows[i].full)
			err = register_row(variant, workload, &workload->rows[i]);
	return err;
}

static int register_matrix(const struct options *opt)
{
	const struct wl_variant *const *variant;
	const struct workload *const *workload;
	int err = 0;

	if (usable_cpus() < topology_cpus())
		fprintf(stderr, "dmapool-bench: rows go up to %d of %d CPUs: "
			"the shim has no more\n", usable_cpus(), topology_cpus());
	for (workload = (*__start_wl_variants)->families; *workload; workload++)
		if (listed(opt->workloads, (*workload)->family) &&
		    topology_cpus() < (int)(*workload)->cpus_per_op)
			fprintf(stderr, "dmapool-bench: %s left out: it takes %u CPUs\n",
				(*workload)->family, (*workload)->cpus_per_op);

	for (variant = __start_wl_variants; variant < __stop_wl_variants; variant++) {
		if (!listed(opt->variants, (*variant)->name))
			continue;
		for (workload = (*variant)->families; *workload && !err; workload++)
			if (listed(opt->workloads, (*workload)->family))
				err = register_family(*variant, *workload, opt->full);
	}
	return err;
}

static char warnings[1024];

static void add_warning(const char *sentence)
{
	size_t len = strlen(warnings);

	snprintf(warnings + len, sizeof(warnings) - len, "%s%s", len ? "; " : "",
		 sentence);
}

/* What the variants of these names are versions of. */
static void add_versions(const char *key, const char *prefix)
{
	char text[512];
	size_t len = 0;

	for (size_t i = 0; variant_name(i); i++)
		if (__start_wl_variants[i]->version[0] &&
		    !strncmp(variant_name(i), prefix, strlen(prefix)))
			len += scnprintf(text + len, sizeof(text) - len, "%s%s = %s",
					 len ? ", " : "", variant_name(i),
					 __start_wl_variants[i]->version);
	if (len)
		gb_context(key, text);
}

static void add_context(const struct options *opt)
{
	char text[256];

	gb_context("schema", "dmapool-bench/1");
	gb_context("build", "userspace");
	gb_context("lock", SHIM_LOCK_NAME);
	gb_context("irq", "not modelled: masking costs nothing");
	snprintf(text, sizeof(text), "%.1f ns a reading, in steps of %.2f ns",
		 clock_cost_ns(), clock_step_ns());
	gb_context("clock", text);
	topology_describe(text, sizeof(text));
	gb_context("topology", text);
	if (counters_note())
		gb_context("counters", counters_note());
	snprintf(text, sizeof(text), "%llu", (unsigned long long)opt->seed);
	gb_context("seed", text);
	gb_context("profile", opt->full ? "full" : "quick");
	add_versions("upstream", "upstream-");
	add_versions("peers", "peer-");
	fingerprint("", gb_context);
	fingerprint_warnings("", add_warning);
	if (warnings[0])
		gb_context("warning", warnings);
}

static void on_interrupt(int sig)
{
	(void)sig;
	gb_stop();
}

/*
 * What is ignored stays ignored: nohup, a job in the background.  A reader of the table
 * that leaves wants no more rows, and those in the report are kept.
 */
static void heed_stops(void)
{
	static const int stops[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE };
	struct sigaction action = { .sa_handler = on_interrupt, .sa_flags = SA_RESTART };
	struct sigaction old;

	for (size_t i = 0; i < ARRAY_SIZE(stops); i++)
		if (!sigaction(stops[i], NULL, &old) && old.sa_handler != SIG_IGN)
			sigaction(stops[i], &action, NULL);
}

static int cannot_write(const char *path, int err)
{
	fprintf(stderr, "dmapool-bench: '%s': cannot write: %s: mend or choose another\n",
		path, strerror(-err));
	return EXIT_FAILED;
}

/*
 * Before the run, not after it.  The file is written beside its place and renamed, so
 * that a device or a pipe would be replaced.
 */
static int check_raw_out(const char *path)
{
	char *copy = strdup(path);
	struct stat st;
	int err = 0;

	if (!copy)
		return -ENOMEM;
	if (!stat(path, &st))
		err = S_ISREG(st.st_mode) ? 0 : S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	else if (!*path || errno != ENOENT)
		err = -errno;
	if (!err && access(dirname(copy), W_OK | X_OK))
		err = -errno;
	free(copy);
	return err;
}

static int run(const struct options *opt)
{
	int status, err = engine_init(opt->seed);

	if (!err)
		err = register_matrix(opt);
	if (err) {
		fprintf(stderr, "dmapool-bench: cannot set up: %s\n", strerror(-err));
		return EXIT_FAILED;
	}
	add_context(opt);
	status = gb_run();
	err = opt->raw_out ? engine_write_raw(opt->raw_out) : 0;
	if (err)
		status = cannot_write(opt->raw_out, err);
	engine_exit();
	return status;
}

/* What the user says comes after, and so counts. */
static char **with_defaults(int *argc, char **argv, bool full)
{
	char **args = calloc(*argc + 2, sizeof(*args));

	if (!args)
		return NULL;
	args[0] = argv[0];
	args[1] = full ? "--benchmark_min_time=0.5" : "--benchmark_min_time=0.015";
	memcpy(args + 2, argv + 1, *argc * sizeof(*args));
	++*argc;
	return args;
}

int main(int argc, char **argv)
{
	struct options opt = { .seed = 1 };
	int err;

	clock_start();
	parse_own(argc, argv, &opt);
	argv = with_defaults(&argc, argv, opt.full);
	if (!argv || gb_init(&argc, argv))
		return EXIT_USAGE;
	free(argv);
	if (!check_names("variant", opt.variants, variant_name) ||
	    !check_names("workload", opt.workloads, family_name))
		return EXIT_USAGE;
	err = opt.raw_out ? check_raw_out(opt.raw_out) : 0;
	if (err)
		return cannot_write(opt.raw_out, err);

	err = topology_init();
	if (err) {
		fprintf(stderr, "dmapool-bench: cannot read the topology: %s\n",
			strerror(-err));
		return EXIT_FAILED;
	}
	counters_init();
	heed_stops();
	return run(&opt);
}
