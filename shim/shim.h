/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a userspace program asks of the shim: to make threads into CPUs, devices to
 * create pools for, the kernel log to read, and, in the checked build, failures and
 * interrupts to inject.  Kernel code never includes this.
 */
#ifndef SHIM_H
#define SHIM_H

#include <linux/types.h>

struct device;

/*
 * CPUs.  A thread must be one while it uses a pool.  Numbers are given lowest first
 * and used again.  Thread exit brings the CPU down by itself.
 *
 * shim_cpu_up() returns the CPU's number, or -EAGAIN when all NR_CPUS are taken.
 * shim_cpu_down() runs the hotplug teardown callbacks on this thread first.
 */
int shim_cpu_up(void);
void shim_cpu_down(void);

/*
 * Starts the threads behind RCU callbacks and work queues now, on the CPUs the caller
 * may use now; otherwise the first use does, which may come from a pinned thread.
 */
void shim_start_background(void);

/*
 * Between the two the thread touches nothing of the kernel's: another may do the work
 * that waits for this CPU.  Around anything that blocks while others run.
 */
void shim_cpu_idle(void);
void shim_cpu_busy(void);

/*
 * Devices.  node is the NUMA node its coherent memory comes from, or -1 for any.
 * Destroying runs the managed resources' release functions, as a driver's detach
 * does, and returns the bytes of coherent memory still out (0 when all came back).
 */
struct device *shim_device_create(const char *name, int node);
size_t shim_device_destroy(struct device *dev);

/* Reads an attribute file into buf (PAGE_SIZE bytes): its length, or -ENOENT. */
ssize_t shim_device_read(struct device *dev, const char *attr, char *buf);

/* Bytes of the device's coherent memory handed out and not yet freed. */
size_t shim_dma_outstanding(struct device *dev);
/* The virtual address behind a DMA address of the direct source. */
void *shim_dma_to_virt(dma_addr_t dma);
/* Has the direct source take this much memory from the system ahead of need. */
int shim_dma_reserve(struct device *dev, size_t bytes);

/*
 * Memory is short: asks every shrinker for up to nr objects; how many were freed or are
 * about to be.  May sleep.
 */
unsigned long shim_shrink(unsigned long nr);

/*
 * The kernel log.  Lines go to stderr, or, between capture and release, to a buffer
 * whose text shim_log_text() returns (one line each, level prefix removed).
 */
void shim_log_capture(void);
const char *shim_log_text(void);
void shim_log_release(void);

/* WARN_ON()s that fired since the program started. */
unsigned int shim_warnings(void);

#ifdef SHIM_CHECKED
/*
 * The n-th call (1 = the next) on this thread that can run out of memory fails:
 * kmalloc, alloc_percpu, dma_alloc_coherent, device_create_file.  0 turns it off.
 * Returns how many calls were still to go before the failure, 0 if it has struck.
 */
unsigned int shim_fail_nth(unsigned int n);

/* kmalloc objects not yet freed. */
long shim_kmalloc_outstanding(void);

/*
 * Interrupts: from start to stop, the calling thread gets a signal about every
 * period_us microseconds and runs handler(arg) in it wherever its IRQs are not
 * masked.  The caller's own code must hold IRQs masked (local_irq_save) around calls
 * to libc that are not async-signal-safe.  stop returns how many times it ran.
 */
int shim_irq_start(void (*handler)(void *arg), void *arg, unsigned int period_us);
unsigned long shim_irq_stop(void);
#endif

#endif
