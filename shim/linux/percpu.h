/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stand-in for <linux/percpu.h>, built as the kernel's: one area a CPU, all of the
 * same shape, so that an address in CPU 0's area plus the CPU's offset is that CPU's
 * own copy: one thread-local read and an add.
 */
#ifndef SHIM_LINUX_PERCPU_H
#define SHIM_LINUX_PERCPU_H

#include <linux/cpumask.h>
#include <linux/gfp.h>

/* Bytes of one CPU's area; a multiple of the page, so areas can live on a node. */
#define SHIM_PERCPU_UNIT	(256UL << 10)

extern __thread unsigned long shim_percpu_offset;

/* Zeroed and cache line aligned; NULL when the areas are full.  May sleep. */
void *shim_alloc_percpu(size_t size);
void free_percpu(void *p);

#define alloc_percpu(type)		((type *)shim_alloc_percpu(sizeof(type)))
#define alloc_percpu_gfp(type, gfp)	((void)(gfp), alloc_percpu(type))

#define per_cpu_ptr(p, cpu) \
	((typeof(p))((char *)(p) + (unsigned long)(cpu) * SHIM_PERCPU_UNIT))
#define this_cpu_ptr(p)	((typeof(p))((char *)(p) + shim_percpu_offset))
#define raw_cpu_ptr(p)	this_cpu_ptr(p)

#endif
