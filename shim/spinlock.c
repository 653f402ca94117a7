// SPDX-License-Identifier: GPL-2.0-only
/*
 * The contended path of the queued spinlock, after the kernel's design: one waiter
 * spins on the lock's word itself (pending), the rest form an MCS queue of per-CPU
 * nodes, each spinning on its own cache line; only the head of the queue looks at
 * the word.  The order of the queue is the order of service.
 */
#include <linux/cache.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <asm/barrier.h>
#include <asm/processor.h>
#include <sched.h>

#define LOCKED		0x1u
#define LOCKED_MASK	0xffu
#define PENDING		0x100u
#define TAIL_SHIFT	16
#define TAIL_MASK	0xffff0000u

/* A lock taken in an interrupt while another is waited for: task, irq, test's own. */
#define MAX_NESTING	4

/* Two rounds of a timeslice's worth of pauses: only reached if the holder is off CPU. */
#define SPINS_BEFORE_YIELD 4096

struct mcs_node {
	struct mcs_node *next;
	int go;
} ____cacheline_aligned;

static struct mcs_node nodes[NR_CPUS][MAX_NESTING];
static __thread int nesting;

static void relax(unsigned int *spins)
{
	if (++*spins % SPINS_BEFORE_YIELD)
		cpu_relax();
	else
		sched_yield();
}

/* Spins until the bits of mask are clear; what it saw then, acquired. */
static u32 wait_clear(spinlock_t *lock, u32 mask)
{
	unsigned int spins = 0;
	u32 val;

	while ((val = smp_load_acquire(&lock->val)) & mask)
		relax(&spins);
	return val;
}

static u32 tail_of(int cpu, int idx)
{
	return (u32)(((cpu + 1) * MAX_NESTING) + idx) << TAIL_SHIFT;
}

static struct mcs_node *node_of(u32 tail)
{
	u32 n = (tail >> TAIL_SHIFT) - MAX_NESTING;

	return &nodes[n / MAX_NESTING][n % MAX_NESTING];
}

/* Swaps the tail in, leaving the other parts as they are; the tail before. */
static u32 xchg_tail(spinlock_t *lock, u32 tail)
{
	u32 old = READ_ONCE(lock->val);

	/* Release: our node is initialised before a successor can find it. */
	while (!__atomic_compare_exchange_n(&lock->val, &old,
					    (old & ~TAIL_MASK) | tail, true,
					    __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		;
	return old & TAIL_MASK;
}

static void wait_in_queue(struct mcs_node *prev, struct mcs_node *node)
{
	unsigned int spins = 0;

	/* Release pairs with the predecessor's acquire of ->next in pass_on(). */
	smp_store_release(&prev->next, node);
	while (!smp_load_acquire(&node->go))
		relax(&spins);
}

static void pass_on(struct mcs_node *node)
{
	struct mcs_node *next;
	unsigned int spins = 0;

	while (!(next = smp_load_acquire(&node->next)))
		relax(&spins);
	smp_store_release(&next->go, 1);
}

static void lock_queued(spinlock_t *lock)
{
	int idx = nesting++;
	u32 tail = tail_of(shim_this_cpu, idx), old, val;
	struct mcs_node *node = &nodes[shim_this_cpu][idx];

	/* An interrupt that waits here must see its own index, not ours. */
	barrier();
	node->next = NULL;
	node->go = 0;
	old = xchg_tail(lock, tail);
	if (old)
		wait_in_queue(node_of(old), node);

	/* Head of the queue: owner and pending waiter go before us. */
	val = wait_clear(lock, LOCKED_MASK | PENDING);
	if ((val & TAIL_MASK) == tail &&
	    __atomic_compare_exchange_n(&lock->val, &val, LOCKED, false,
					__ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		goto out;
	/* Others are behind us, so nobody but the head may set the locked byte. */
	WRITE_ONCE(lock->locked, LOCKED);
	pass_on(node);
out:
	barrier();
	nesting--;
}

void shim_spin_lock_slow(spinlock_t *lock, u32 val)
{
	if (val & ~LOCKED_MASK) {
		lock_queued(lock);
		return;
	}
	val = __atomic_fetch_or(&lock->val, PENDING, __ATOMIC_ACQUIRE);
	if (val & ~LOCKED_MASK) {
		/* Lost the place to another: undo only what we set. */
		if (!(val & PENDING))
			WRITE_ONCE(lock->pending, 0);
		lock_queued(lock);
		return;
	}
	wait_clear(lock, LOCKED_MASK);
	/* pending -> locked in one store: no window for a newcomer. */
	WRITE_ONCE(lock->locked_pending, LOCKED);
}
