/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which CPUs a run may use, in the order it should use them, and how a thread
 * pins itself to one. CPUs are numbered 0 .. topology_cpus() - 1 here: first
 * one CPU of each core, neighbours (same L3, same NUMA node) side by side, then
 * the cores' second SMT threads in the same order, and so on.
 */
#ifndef BENCH_TOPOLOGY_H
#define BENCH_TOPOLOGY_H

#include <stddef.h>

/*
 * Learns the CPUs in the affinity mask of the calling thread, so call it before
 * anything pins that thread. Costs some milliseconds. Not thread-safe; the
 * functions below are, once it has returned. Returns 0 or -errno.
 */
int topology_init(void);

/* Forgets what topology_init() learnt. Threads stay where they are pinned. */
void topology_exit(void);

/* How many CPUs the mask given to the process holds. */
int topology_cpus(void);

/* The kernel's number of the i-th CPU; -EINVAL if there is no such i. */
int topology_os_cpu(int i);

/*
 * Pins the calling thread, and the threads it creates from now on, to the i-th
 * CPU. Returns 0 or -errno: -EINVAL if there is no such i.
 */
int topology_pin(int i);

/* Gives the calling thread the whole mask back. Returns 0 or -errno. */
int topology_unpin(void);

/*
 * Says what was found in one line, cut to len bytes with its final NUL:
 * "cpus 0,2,1,3 of mask 0-3; 2 cores, 1 NUMA node". The CPUs are in our order.
 */
void topology_describe(char *buf, size_t len);

#endif
