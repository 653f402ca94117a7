// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the facts from /proc, /sys and the defines of the build: a table of keys
 * with a function each, and a list of warnings, which are such functions too.
 *
 * The Makefile defines the strings BENCH_COMPILER, BENCH_CFLAGS,
 * BENCH_BUILD_TYPE ("release" where timings count, else the flavour's name),
 * BENCH_REVISION and BENCH_LIBRARIES for this file.
 */
#include "fingerprint.h"

#include <hwloc/bitmap.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <unistd.h>

#define TEXT_LEN	1024
#define PATH_LEN	4096
#define SYS_CPU		"/sys/devices/system/cpu"
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* Fills text, of TEXT_LEN bytes, and returns true; or has nothing to say. */
typedef bool tell_fn(const char *root, char *text);

static bool say(char *text, const char *value)
{
	snprintf(text, TEXT_LEN, "%s", value);
	return true;
}

static FILE *open_under(const char *root, const char *path)
{
	char full[PATH_LEN];

	snprintf(full, sizeof(full), "%s%s", root, path);
	return fopen(full, "re");
}

/* The first line of a file, without its newline. */
static bool read_line(const char *root, const char *path, char *text)
{
	FILE *file = open_under(root, path);
	bool read;

	if (!file)
		return false;
	read = fgets(text, TEXT_LEN, file);
	fclose(file);
	if (read)
		text[strcspn(text, "\n")] = '\0';
	return read;
}

static bool read_cpu_line(const char *root, int cpu, const char *file, char *text)
{
	char path[256];

	snprintf(path, sizeof(path), SYS_CPU "/cpu%d/%s", cpu, file);
	return read_line(root, path, text);
}

/* What follows "name :" where it is first in /proc/cpuinfo; to be freed. */
static char *cpuinfo(const char *root, const char *name)
{
	FILE *file = open_under(root, "/proc/cpuinfo");
	char *line = NULL, *value = NULL;
	size_t size = 0, len = strlen(name);

	while (file && !value && getline(&line, &size, file) > 0) {
		if (!strncmp(line, name, len))
			value = strchr(line, ':');
		if (!value)
			continue;
		value += 1 + strspn(value + 1, " ");
		value[strcspn(value, "\n")] = '\0';
		value = strdup(value);
	}
	free(line);
	if (file)
		fclose(file);
	return value;
}

static bool say_cpuinfo(const char *root, const char *name, char *text)
{
	char *value = cpuinfo(root, name);
	bool said = value && say(text, value);

	free(value);
	return said;
}

/* The CPUs of the calling thread's affinity mask; to be freed. */
static hwloc_bitmap_t affinity_mask(void)
{
	unsigned long words[8192 / (8 * sizeof(long))] = { 0 };
	hwloc_bitmap_t mask = hwloc_bitmap_alloc();

	if (!sched_getaffinity(0, sizeof(words), (cpu_set_t *)words))
		hwloc_bitmap_from_ulongs(mask, ARRAY_SIZE(words), words);
	return mask;
}

/* How many CPUs or nodes a file lists, 0 if it cannot be read. */
static int count_listed(const char *root, const char *path)
{
	hwloc_bitmap_t set = hwloc_bitmap_alloc();
	char text[TEXT_LEN];
	int n = 0;

	if (read_line(root, path, text) && !hwloc_bitmap_list_sscanf(set, text))
		n = hwloc_bitmap_weight(set);
	hwloc_bitmap_free(set);
	return n;
}

static bool cpu_model(const char *root, char *text)
{
	return say_cpuinfo(root, "model name", text);
}

static bool microcode(const char *root, char *text)
{
	return say_cpuinfo(root, "microcode", text);
}

static bool say_switch(const char *root, const char *path, char on, char *text)
{
	return read_line(root, path, text) && say(text, text[0] == on ? "on" : "off");
}

static bool smt(const char *root, char *text)
{
	return say_switch(root, SYS_CPU "/smt/active", '1', text);
}

static bool turbo(const char *root, char *text)
{
	return say_switch(root, SYS_CPU "/intel_pstate/no_turbo", '0', text) ||
	       say_switch(root, SYS_CPU "/cpufreq/boost", '1', text);
}

/* One governor if the usable CPUs agree, otherwise all there are: "a,b". */
static bool governor(const char *root, char *text)
{
	hwloc_bitmap_t mask = affinity_mask();
	char one[TEXT_LEN];
	unsigned int cpu;
	size_t len;

	text[0] = '\0';
	hwloc_bitmap_foreach_begin(cpu, mask) {
		if (!read_cpu_line(root, cpu, "cpufreq/scaling_governor", one) ||
		    strstr(text, one))
			continue;
		len = strlen(text);
		snprintf(text + len, TEXT_LEN - len, "%s%s", len ? "," : "", one);
	} hwloc_bitmap_foreach_end();
	hwloc_bitmap_free(mask);
	return text[0];
}

/* The kernel writes an empty list as nothing or as "(null)". */
static bool say_cpu_list(const char *root, const char *path, char *text)
{
	if (!read_line(root, path, text))
		return false;
	return strpbrk(text, "0123456789") || say(text, "none");
}

static bool isolated(const char *root, char *text)
{
	return say_cpu_list(root, SYS_CPU "/isolated", text);
}

static bool nohz_full(const char *root, char *text)
{
	return say_cpu_list(root, SYS_CPU "/nohz_full", text);
}

static bool affinity(const char *root, char *text)
{
	hwloc_bitmap_t mask = affinity_mask();

	(void)root;
	hwloc_bitmap_list_snprintf(text, TEXT_LEN, mask);
	hwloc_bitmap_free(mask);
	return text[0];
}

static bool numa_nodes(const char *root, char *text)
{
	int n = count_listed(root, "/sys/devices/system/node/online");

	snprintf(text, TEXT_LEN, "%d", n);
	return n > 0;
}

/* "always [madvise] never": the bracketed word. */
static bool thp(const char *root, char *text)
{
	char line[TEXT_LEN], *open;

	if (!read_line(root, "/sys/kernel/mm/transparent_hugepage/enabled", line))
		return false;
	open = strchr(line, '[');
	return open && sscanf(open, "[%[^]]", text) == 1;
}

/*
 * Bytes of this process that asked for huge pages, which is the page source alone, and
 * those of them that are on some.  A mapping's flags are the last that is told of it.
 */
static bool read_huge(const char *root, size_t *asked, size_t *huge)
{
	FILE *file = open_under(root, "/proc/self/smaps");
	size_t size = 0, on_huge = 0;
	char line[PATH_LEN];

	if (!file)
		return false;
	*asked = *huge = 0;
	while (fgets(line, sizeof(line), file)) {
		sscanf(line, "Size: %zu", &size);
		sscanf(line, "AnonHugePages: %zu", &on_huge);
		if (strncmp(line, "VmFlags:", 8) || !strstr(line, " hg"))
			continue;
		*asked += size;
		*huge += on_huge;
	}
	fclose(file);
	return true;
}

static bool page_source(const char *root, char *text)
{
	size_t asked, huge;

	if (!read_huge(root, &asked, &huge))
		return false;
	snprintf(text, TEXT_LEN, "direct, %s pages, one lock", !huge ? "small" :
		 huge < asked ? "huge and small" : "huge");
	return true;
}

static bool x86_hypervisor_bit(const char *root)
{
	char *flags = cpuinfo(root, "flags");
	bool set = flags && strstr(flags, " hypervisor");

	free(flags);
	return set;
}

/* Its name where one is told, "yes" where only its presence is. */
static bool hypervisor(const char *root, char *text)
{
	if (read_line(root, "/sys/hypervisor/type", text) ||
	    read_line(root, "/proc/device-tree/hypervisor/compatible", text))
		return true;
	if (!x86_hypervisor_bit(root))
		return false;
	return read_line(root, "/sys/class/dmi/id/sys_vendor", text) || say(text, "yes");
}

static bool clocksource(const char *root, char *text)
{
	return read_line(root, "/sys/devices/system/clocksource/clocksource0/"
			 "current_clocksource", text);
}

/* setarch -R switches it off for a process, whatever the system's setting. */
static bool aslr(const char *root, char *text)
{
	int persona = personality(0xffffffff);

	if (persona >= 0 && (persona & ADDR_NO_RANDOMIZE))
		return say(text, "off");
	if (!read_line(root, "/proc/sys/kernel/randomize_va_space", text))
		return false;
	return say(text, text[0] == '0' ? "off" :
			 text[0] == '1' ? "without heap" : "full");
}

static bool kernel(const char *root, char *text)
{
	return read_line(root, "/proc/sys/kernel/osrelease", text);
}

static bool page_size(const char *root, char *text)
{
	(void)root;
	snprintf(text, TEXT_LEN, "%ld", sysconf(_SC_PAGESIZE));
	return true;
}

static bool load_before(const char *root, char *text)
{
	char line[TEXT_LEN];
	double load[3];

	if (!read_line(root, "/proc/loadavg", line) ||
	    sscanf(line, "%lf %lf %lf", &load[0], &load[1], &load[2]) != 3)
		return false;
	snprintf(text, TEXT_LEN, "%.2f %.2f %.2f", load[0], load[1], load[2]);
	return true;
}

/* All CPUs' clock ticks since boot: stolen, and working or stolen. */
static bool read_steal(const char *root, double *stolen, double *wanted)
{
	double user, nice, system, irq, softirq;
	char line[TEXT_LEN];

	if (!read_line(root, "/proc/stat", line) ||
	    sscanf(line, "cpu %lf %lf %lf %*f %*f %lf %lf %lf", &user, &nice, &system,
		   &irq, &softirq, stolen) != 6)
		return false;
	*wanted = user + nice + system + irq + softirq + *stolen;
	return true;
}

static bool steal_before(const char *root, char *text)
{
	double stolen, wanted;

	if (!read_steal(root, &stolen, &wanted))
		return false;
	snprintf(text, TEXT_LEN, "%.2f", stolen / sysconf(_SC_CLK_TCK));
	return true;
}

static const struct {
	const char *key;
	tell_fn *tell;
} machine_facts[] = {
	{ "cpu_model", cpu_model },
	{ "microcode", microcode },
	{ "smt", smt },
	{ "turbo", turbo },
	{ "governor", governor },
	{ "isolated", isolated },
	{ "nohz_full", nohz_full },
	{ "affinity", affinity },
	{ "numa_nodes", numa_nodes },
	{ "thp", thp },
	{ "hypervisor", hypervisor },
	{ "clocksource", clocksource },
	{ "aslr", aslr },
	{ "kernel", kernel },
	{ "page_size", page_size },
	{ "page_source", page_source },
	{ "load_before", load_before },
	{ "steal_before", steal_before },
};

void fingerprint(const char *root, void (*add)(const char *key, const char *value))
{
	char text[TEXT_LEN];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(machine_facts); i++)
		if (machine_facts[i].tell(root, text))
			add(machine_facts[i].key, text);
	add("compiler", BENCH_COMPILER);
	add("cflags", BENCH_CFLAGS);
	add("build_type", BENCH_BUILD_TYPE);
	add("revision", BENCH_REVISION);
	add("libraries", BENCH_LIBRARIES);
}

static bool governor_varies(const char *root, char *text)
{
	char found[TEXT_LEN];

	if (!governor(root, found) || !strcmp(found, "performance"))
		return false;
	snprintf(text, TEXT_LEN, "the governor is %.100s: with performance the clock "
		 "is steadier", found);
	return true;
}

static bool turbo_on(const char *root, char *text)
{
	return turbo(root, text) && !strcmp(text, "on") &&
	       say(text, "turbo is on: the clock depends on heat and on how many "
			 "cores are busy");
}

/* The cores that the CPUs of the mask belong to, as far as /sys tells. */
static int count_cores(const char *root, hwloc_const_bitmap_t mask)
{
	hwloc_bitmap_t siblings = hwloc_bitmap_alloc();
	char text[TEXT_LEN];
	unsigned int cpu;
	int cores = 0;

	hwloc_bitmap_foreach_begin(cpu, mask) {
		hwloc_bitmap_only(siblings, cpu);
		if (read_cpu_line(root, cpu, "topology/thread_siblings_list", text))
			hwloc_bitmap_list_sscanf(siblings, text);
		hwloc_bitmap_and(siblings, siblings, mask);
		cores += hwloc_bitmap_first(siblings) == (int)cpu;
	} hwloc_bitmap_foreach_end();
	hwloc_bitmap_free(siblings);
	return cores;
}

static bool siblings_usable(const char *root, char *text)
{
	hwloc_bitmap_t mask = affinity_mask();
	int cpus = hwloc_bitmap_weight(mask);
	int cores = count_cores(root, mask);

	hwloc_bitmap_free(mask);
	snprintf(text, TEXT_LEN, "the %d usable CPUs are SMT threads of %d core%s: more "
		 "threads than that share a core", cpus, cores, cores == 1 ? "" : "s");
	return cores < cpus;
}

/* A share of the time CPUs wanted to run: idle ones cannot be stolen from. */
static bool steal_seen(const char *root, char *text)
{
	double stolen, wanted;

	if (!read_steal(root, &stolen, &wanted) || stolen <= 0.01 * wanted)
		return false;
	snprintf(text, TEXT_LEN, "the host has taken %.0f %% of this machine's busy "
		 "time since boot (steal)", 100 * stolen / wanted);
	return true;
}

static bool hypervisor_present(const char *root, char *text)
{
	return hypervisor(root, text) &&
	       say(text, "a hypervisor is present: timings of several threads depend "
			 "on where the host puts the vCPUs");
}

/*
 * Times are read off the CPU's own counter, whatever the clocksource; where the kernel
 * reads another, it mostly found that this one differs between CPUs or changes its pace.
 */
static bool counter_distrusted(const char *root, char *text)
{
	static const char *const based_on_it[] = {
		"tsc", "kvm-clock", "hyperv_clocksource_tsc_page", "xen",
		"arch_sys_counter",
	};
	char found[TEXT_LEN];
	size_t i;

	if (!clocksource(root, found))
		return false;
	for (i = 0; i < ARRAY_SIZE(based_on_it); i++)
		if (!strcmp(found, based_on_it[i]))
			return false;
	snprintf(text, TEXT_LEN, "the kernel does not trust the TSC (clocksource "
		 "%.100s): times may be wrong", found);
	return true;
}

static bool pages_small(const char *root, char *text)
{
	size_t asked, huge;

	if (!read_huge(root, &asked, &huge) || (huge && huge >= asked))
		return false;
	snprintf(text, TEXT_LEN, "%s of the pool's memory is on huge pages: %s", huge ?
		 "a part" : "none", huge ? "the machine is short of them" :
		 "see /sys/kernel/mm/transparent_hugepage/enabled");
	return true;
}

static bool build_unfit(const char *root, char *text)
{
	(void)root;
	return strcmp(BENCH_BUILD_TYPE, "release") &&
	       say(text, "this is a build for tests (" BENCH_BUILD_TYPE "), "
			 "not a release build");
}

static tell_fn *const warnings[] = {
	build_unfit,
	governor_varies,
	turbo_on,
	siblings_usable,
	steal_seen,
	hypervisor_present,
	counter_distrusted,
	pages_small,
};

void fingerprint_warnings(const char *root, void (*add)(const char *sentence))
{
	char text[TEXT_LEN];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(warnings); i++)
		if (warnings[i](root, text))
			add(text);
}
