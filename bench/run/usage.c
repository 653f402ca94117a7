// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/stat counts what each CPU has done in ticks, getrusage() what this run has had of
 * it: the difference is the others'.
 */
#define _GNU_SOURCE 1	/* sched_getaffinity(), CPU_ISSET() */

#include <ctype.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "alloc.h"
#include "clock.h"
#include "usage.h"

/* In less than this a few ticks, which is how /proc/stat rounds, look like a load. */
#define SHORTEST 2.0

/* What others take of a quiet machine stays below both. */
#define SHARE 0.05	/* of the CPUs' time */
#define CPUS 0.5

/*
 * "cpu1 user nice system idle iowait irq softirq ...": all but idling, in ticks.  The
 * line of all CPUs together has no number.
 */
static bool parse_cpu(const char *line, int *cpu, double *busy)
{
	double user, nice, system, irq, softirq;

	if (strncmp(line, "cpu", 3) || !isdigit(line[3]) ||
	    sscanf(line, "cpu%d %lf %lf %lf %*f %*f %lf %lf", cpu, &user, &nice, &system,
		   &irq, &softirq) != 6)
		return false;
	*busy = user + nice + system + irq + softirq;
	return true;
}

static void read_stat(FILE *stat, const cpu_set_t *mask, struct usage *usage)
{
	double busy, ticks = 0;
	char line[512];
	int cpu;

	while (fgets(line, sizeof(line), stat))
		if (parse_cpu(line, &cpu, &busy) && cpu < CPU_SETSIZE &&
		    CPU_ISSET(cpu, mask)) {
			ticks += busy;
			usage->cpus++;
		}
	usage->all = ticks / sysconf(_SC_CLK_TCK);
}

static double cpu_seconds(int who)
{
	struct rusage its;

	getrusage(who, &its);
	return its.ru_utime.tv_sec + its.ru_stime.tv_sec +
	       (its.ru_utime.tv_usec + its.ru_stime.tv_usec) * 1e-6;
}

bool usage_read(const char *root, struct usage *usage)
{
	char *path = xprintf("%s/proc/stat", root);
	FILE *stat = fopen(path, "re");
	cpu_set_t mask;

	free(path);
	*usage = (struct usage){
		.clock = clock_seconds(),
		.own = cpu_seconds(RUSAGE_SELF) + cpu_seconds(RUSAGE_CHILDREN),
	};
	if (!stat)
		return false;
	if (!sched_getaffinity(0, sizeof(mask), &mask))
		read_stat(stat, &mask, usage);
	fclose(stat);
	return usage->cpus;
}

char *usage_warning(const struct usage *before, const struct usage *after)
{
	double time = after->clock - before->clock;
	double others = after->all - before->all - (after->own - before->own);
	double cpus = others / time;

	if (!before->cpus || before->cpus != after->cpus || time < SHORTEST)
		return NULL;
	if (cpus <= SHARE * after->cpus && cpus <= CPUS)
		return NULL;
	return xprintf("something else took %.0f %% of the %u CPU%s while this was "
		       "measured", 100 * cpus / after->cpus, after->cpus,
		       after->cpus == 1 ? "" : "s");
}
