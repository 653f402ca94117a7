// SPDX-License-Identifier: GPL-2.0-only
/*
 * The usable CPUs from hwloc. Its logical order is a walk through the tree of
 * packages, NUMA nodes, caches and cores, so neighbours come out side by side;
 * all that is left to do is to put the SMT siblings last. hwloc leaves I/O
 * devices out unless asked for them, which keeps loading cheap.
 */
#include "topology.h"

#include <errno.h>
#include <hwloc.h>
#include <stdio.h>
#include <stdlib.h>

static hwloc_topology_t topology;
static hwloc_cpuset_t given;	/* the mask the process came with */
static hwloc_obj_t *cpus;	/* in the order of topology.h */
static int nr_cpus;
static int nr_cores;

/* 0 for the first CPU of its core, 1 for its sibling, and so on. */
static unsigned int smt_rank(hwloc_obj_t cpu)
{
	hwloc_obj_t core, first;

	core = hwloc_get_ancestor_obj_by_type(topology, HWLOC_OBJ_CORE, cpu);
	if (!core)	/* some virtual machines do not tell cores */
		return 0;
	first = hwloc_get_obj_inside_cpuset_by_type(topology, core->cpuset,
						    HWLOC_OBJ_PU, 0);
	return cpu->logical_index - first->logical_index;
}

static int order_cpus(void)
{
	int all = hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_PU);
	unsigned int rank;
	hwloc_obj_t cpu;

	cpus = calloc(all, sizeof(*cpus));
	if (!cpus)
		return -1;
	for (rank = 0; nr_cpus < all; rank++) {
		for (cpu = NULL;
		     (cpu = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_PU, cpu));)
			if (smt_rank(cpu) == rank)
				cpus[nr_cpus++] = cpu;
		if (rank == 0)
			nr_cores = nr_cpus;
	}
	return 0;
}

static int load(void)
{
	given = hwloc_bitmap_alloc();
	if (!given || hwloc_topology_load(topology) < 0)
		return -1;
	if (hwloc_get_cpubind(topology, given, HWLOC_CPUBIND_THREAD) < 0)
		return -1;
	if (hwloc_topology_restrict(topology, given,
				    HWLOC_RESTRICT_FLAG_REMOVE_CPULESS) < 0)
		return -1;
	return order_cpus();
}

int topology_init(void)
{
	int err;

	if (hwloc_topology_init(&topology) < 0)
		return -ENOMEM;
	if (load() < 0) {
		err = errno ? errno : EIO;
		topology_exit();
		return -err;
	}
	return 0;
}

void topology_exit(void)
{
	free(cpus);
	cpus = NULL;
	nr_cpus = 0;
	nr_cores = 0;
	hwloc_bitmap_free(given);
	given = NULL;
	hwloc_topology_destroy(topology);
	topology = NULL;
}

int topology_cpus(void)
{
	return nr_cpus;
}

int topology_os_cpu(int i)
{
	if (i < 0 || i >= nr_cpus)
		return -EINVAL;
	return cpus[i]->os_index;
}

static int bind_thread(hwloc_const_cpuset_t set)
{
	if (hwloc_set_cpubind(topology, set, HWLOC_CPUBIND_THREAD) < 0)
		return -errno;
	return 0;
}

int topology_pin(int i)
{
	if (i < 0 || i >= nr_cpus)
		return -EINVAL;
	return bind_thread(cpus[i]->cpuset);
}

int topology_unpin(void)
{
	return bind_thread(given);
}

static void describe(FILE *out)
{
	int nodes = hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_NUMANODE);
	char *mask = NULL;
	int i;

	for (i = 0; i < nr_cpus; i++)
		fprintf(out, "%s%d", i ? "," : "cpus ", topology_os_cpu(i));
	if (hwloc_bitmap_list_asprintf(&mask, given) >= 0)
		fprintf(out, " of mask %s", mask);
	free(mask);
	fprintf(out, "; %d core%s, %d NUMA node%s", nr_cores,
		nr_cores == 1 ? "" : "s", nodes, nodes == 1 ? "" : "s");
}

void topology_describe(char *buf, size_t len)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out) {
		describe(out);
		fclose(out);
	}
	snprintf(buf, len, "%s", text ? text : "");
	free(text);
}
