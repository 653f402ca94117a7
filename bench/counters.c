// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters of a thread through perf_event_open, events named by libpfm. Hardware
 * and software events are a group each, switched by one ioctl on its leader: the
 * kernel may take a hardware group off a PMU that others want too, and the
 * software events must not lose counts by that.
 */
#include "counters.h"

#include <errno.h>
#include <perfmon/pfmlib_perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

const struct counter_event counter_events[COUNTER_EVENTS] = {
	{ "cycles", "cycles_per_op", true },
	{ "instructions", "instructions_per_op", true },
	{ "cache-misses", "cache_misses_per_op", true },
	{ "context-switches", "context_switches", false },
	{ "page-faults", "page_faults", false },
	{ "cpu-migrations", "cpu_migrations", false },
};

/* Written by counters_init() alone. */
static struct perf_event_attr attrs[COUNTER_EVENTS];
static const char *missing[COUNTER_EVENTS];	/* why, or NULL if counted */
static char note[1024];

/* perf_event_read(2)'s layout for the read_format that encode() asks for. */
struct group_reading {
	uint64_t nr;
	uint64_t enabled;
	uint64_t running;
	uint64_t value[COUNTER_EVENTS];
};

/* libpfm's "perf" PMU has the generic names, on every architecture. */
static int encode(int i, unsigned int privilege)
{
	struct perf_event_attr *attr = &attrs[i];
	pfm_perf_encode_arg_t arg = { .attr = attr, .size = sizeof(arg) };
	char name[64];
	int err;

	snprintf(name, sizeof(name), "perf::%s", counter_events[i].name);
	err = pfm_get_os_event_encoding(name, privilege, PFM_OS_PERF_EVENT, &arg);
	attr->size = sizeof(*attr);
	attr->read_format = PERF_FORMAT_GROUP | PERF_FORMAT_TOTAL_TIME_ENABLED |
			    PERF_FORMAT_TOTAL_TIME_RUNNING;
	return err;
}

/* The leader of event i's group: the first event of its kind that is open. */
static int leader(const struct counters *c, uint32_t type)
{
	int i;

	for (i = 0; i < COUNTER_EVENTS; i++)
		if (c->fd[i] >= 0 && attrs[i].type == type)
			return c->fd[i];
	return -1;
}

static int open_event(struct counters *c, int i)
{
	struct perf_event_attr attr = attrs[i];
	int group = leader(c, attr.type);

	attr.disabled = group < 0;	/* members follow their leader */
	c->fd[i] = perf_event_open(&attr, 0, -1, group, PERF_FLAG_FD_CLOEXEC);
	return c->fd[i] < 0 ? -errno : 0;
}

static void none_open(struct counters *c)
{
	int i;

	for (i = 0; i < COUNTER_EVENTS; i++)
		c->fd[i] = -1;
}

void counters_open(struct counters *c)
{
	int i;

	none_open(c);
	for (i = 0; i < COUNTER_EVENTS; i++)
		if (!missing[i])
			open_event(c, i);
}

static void switch_group(const struct counters *c, uint32_t type,
			 unsigned long request)
{
	int fd = leader(c, type);

	if (fd >= 0)
		ioctl(fd, request, 0);
}

/* The hardware's window is the inner one: it is the one that counts code. */
void counters_start(const struct counters *c)
{
	switch_group(c, PERF_TYPE_SOFTWARE, PERF_EVENT_IOC_ENABLE);
	switch_group(c, PERF_TYPE_HARDWARE, PERF_EVENT_IOC_ENABLE);
}

void counters_stop(const struct counters *c)
{
	switch_group(c, PERF_TYPE_HARDWARE, PERF_EVENT_IOC_DISABLE);
	switch_group(c, PERF_TYPE_SOFTWARE, PERF_EVENT_IOC_DISABLE);
}

static void read_group(const struct counters *c, uint32_t type,
		       struct counter_value *values)
{
	struct group_reading group;
	int fd = leader(c, type);
	int i, n = 0;

	if (fd < 0 || read(fd, &group, sizeof(group)) <= 0)
		return;
	for (i = 0; i < COUNTER_EVENTS; i++) {
		if (c->fd[i] < 0 || attrs[i].type != type)
			continue;
		values[i].value = group.value[n++];
		values[i].valid = group.running && group.running == group.enabled;
	}
}

void counters_read(const struct counters *c,
		   struct counter_value values[COUNTER_EVENTS])
{
	memset(values, 0, COUNTER_EVENTS * sizeof(*values));
	read_group(c, PERF_TYPE_HARDWARE, values);
	read_group(c, PERF_TYPE_SOFTWARE, values);
}

void counters_add(struct counter_value sum[COUNTER_EVENTS],
		  const struct counter_value values[COUNTER_EVENTS])
{
	int i;

	for (i = 0; i < COUNTER_EVENTS; i++) {
		sum[i].value += values[i].value;
		sum[i].valid &= values[i].valid;
	}
}

void counters_close(struct counters *c)
{
	int i;

	for (i = 0; i < COUNTER_EVENTS; i++)
		if (c->fd[i] >= 0)
			close(c->fd[i]);
	none_open(c);
}

static bool forbidden(int err)
{
	return err == -EACCES || err == -EPERM;
}

/*
 * These happen inside the kernel: with exclude_kernel they open, and then stay
 * at zero for ever.
 */
static bool only_in_kernel(const struct perf_event_attr *attr)
{
	return attr->type == PERF_TYPE_SOFTWARE &&
	       attr->config != PERF_COUNT_SW_PAGE_FAULTS;
}

static const char *reason(int err)
{
	switch (err) {
	case 0:
		return NULL;
	case -EACCES:
	case -EPERM:
		return "not permitted: lower kernel.perf_event_paranoid, or allow "
		       "perf_event_open in the container";
	case -ENOENT:
	case -ENODEV:
	case -EOPNOTSUPP:
		return "not given by this machine";
	case -ENOSYS:
		return "no perf_event_open in this kernel";
	default:
		return strerror(-err);
	}
}

static void probe_event(struct counters *c, int i)
{
	int err;

	if (encode(i, PFM_PLM0 | PFM_PLM3) != PFM_SUCCESS) {
		missing[i] = "not known to libpfm on this machine";
		return;
	}
	err = open_event(c, i);
	if (forbidden(err) && !only_in_kernel(&attrs[i])) {
		encode(i, PFM_PLM3);
		err = open_event(c, i);
	}
	missing[i] = reason(err);
}

/* Some hypervisors let the PMU be opened and then count nothing. */
static void distrust_zeros(const struct counters *c)
{
	struct counter_value values[COUNTER_EVENTS];
	bool ran = false, counted = false;
	volatile int spin;
	int i;

	counters_start(c);
	for (spin = 0; spin < 100000; spin++)
		;
	counters_stop(c);
	counters_read(c, values);
	for (i = 0; i < COUNTER_EVENTS; i++) {
		if (attrs[i].type != PERF_TYPE_HARDWARE)
			continue;
		ran |= values[i].valid;
		counted |= values[i].value > 0;
	}
	for (i = 0; ran && !counted && i < COUNTER_EVENTS; i++)
		if (attrs[i].type == PERF_TYPE_HARDWARE && !missing[i])
			missing[i] = "counts nothing on this machine";
}

static void start_clause(FILE *out, const char *text)
{
	fprintf(out, "%s%s", ftell(out) ? "; " : "", text);
}

/* "left out: a, b (why)", for all that are missing for the reason of event i. */
static void note_missing(FILE *out, int i)
{
	int j;

	for (j = 0; j < i; j++)
		if (missing[j] == missing[i])
			return;
	start_clause(out, "left out: ");
	for (j = i; j < COUNTER_EVENTS; j++)
		if (missing[j] == missing[i])
			fprintf(out, "%s%s", j > i ? ", " : "", counter_events[j].name);
	fprintf(out, " (%s)", missing[i]);
}

static void note_user_only(FILE *out)
{
	int i, n = 0;

	for (i = 0; i < COUNTER_EVENTS; i++) {
		if (missing[i] || !attrs[i].exclude_kernel)
			continue;
		if (n++ == 0)
			start_clause(out, "in user mode only: ");
		else
			fputs(", ", out);
		fputs(counter_events[i].name, out);
	}
	if (n)
		fputs(" (kernel.perf_event_paranoid forbids the kernel's part)", out);
}

static void write_note(void)
{
	FILE *out = fmemopen(note, sizeof(note), "w");
	int i;

	note[0] = '\0';
	if (!out)
		return;
	for (i = 0; i < COUNTER_EVENTS; i++)
		if (missing[i])
			note_missing(out, i);
	note_user_only(out);
	fclose(out);
}

void counters_init(void)
{
	struct counters c;
	int i;

	none_open(&c);
	pfm_initialize();	/* failing, it makes every encode() fail */
	for (i = 0; i < COUNTER_EVENTS; i++)
		probe_event(&c, i);
	pfm_terminate();
	distrust_zeros(&c);
	counters_close(&c);
	write_note();
}

const char *counters_note(void)
{
	return note[0] ? note : NULL;
}
