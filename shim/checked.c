// SPDX-License-Identifier: GPL-2.0-only
/*
 * What only the checked build has: interrupts as signals, the n-th allocation that
 * fails, and a report when code sleeps where it must not.
 */
#include <errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"
#include "shim.h"

#define IRQ_SIGNAL SIGRTMIN

/* glibc 2.36 names the field only by its place in the union. */
#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

/* Written by the thread and by signals on it, so one store each. */
__thread int shim_irqs_off;
__thread int shim_irq_pending;
__thread int shim_preempt_count;
bool shim_init_on_alloc, shim_init_on_free;

static __thread bool in_irq;
static __thread void (*irq_handler)(void *arg);
static __thread void *irq_arg;
static __thread unsigned long irqs_taken;
static __thread timer_t irq_timer;
static __thread unsigned int fail_countdown;

bool shim_should_fail(void)
{
	return fail_countdown && !--fail_countdown;
}

unsigned int shim_fail_nth(unsigned int n)
{
	unsigned int left = fail_countdown;

	fail_countdown = n;
	return left;
}

bool in_interrupt(void)
{
	return in_irq;
}

void shim_might_sleep(const char *file, int line)
{
	if (shim_preempt_count || shim_irqs_off || in_irq)
		shim_warn(file, line, "sleeping function called from invalid context");
}

void shim_patch_code(void)
{
	might_sleep();
	usleep(2000);
}

/* As on entry to a kernel's interrupt: masked, and atomic until it returns. */
static void take_irq(void)
{
	WRITE_ONCE(shim_irqs_off, 1);
	in_irq = true;
	irqs_taken++;
	irq_handler(irq_arg);
	in_irq = false;
	barrier();
	WRITE_ONCE(shim_irqs_off, 0);
}

void shim_irq_run_pending(void)
{
	while (READ_ONCE(shim_irq_pending)) {
		WRITE_ONCE(shim_irq_pending, 0);
		take_irq();
	}
}

static void on_signal(int sig)
{
	int saved = errno;

	(void)sig;
	if (READ_ONCE(shim_irqs_off))
		WRITE_ONCE(shim_irq_pending, 1);
	else
		take_irq();
	errno = saved;
}

int shim_irq_start(void (*handler)(void *arg), void *arg, unsigned int period_us)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD_ID,
		.sigev_signo = IRQ_SIGNAL,
	};
	struct timespec gap = {
		.tv_sec = period_us / 1000000,
		.tv_nsec = period_us % 1000000 * 1000L,
	};
	struct itimerspec period = { .it_interval = gap, .it_value = gap };

	irq_handler = handler;
	irq_arg = arg;
	irqs_taken = 0;
	event.sigev_notify_thread_id = gettid();
	if (sigaction(IRQ_SIGNAL, &action, NULL) ||
	    timer_create(CLOCK_MONOTONIC, &event, &irq_timer) ||
	    timer_settime(irq_timer, 0, &period, NULL))
		return -errno;
	return 0;
}

unsigned long shim_irq_stop(void)
{
	/* A signal on its way arrives before this returns, or is then pending. */
	timer_delete(irq_timer);
	WRITE_ONCE(shim_irq_pending, 0);
	return irqs_taken;
}
