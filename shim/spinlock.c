// SPDX-License-Identifier: GPL-2.0-only
/*
 * The contended path of the queued spinlock, step by step what the kernel's does: one
 * waiter spins on the lock's word itself (pending), the rest form an MCS queue of
 * per-CPU nodes, each spinning on its own cache line; only the head of the queue looks
 * at the word.  The order of the queue is the order of service.
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
#define PENDING_MASK	0xff00u
#define TAIL_SHIFT	16

/* How long to watch a hand-over from pending to locked: the kernel's figure on x86. */
#define PENDING_LOOPS	512

/* As in the kernel, where a CPU can wait in a task, softirq, hardirq and NMI. */
#define MAX_NESTING	4

/*
 * What the kernel needs not: threads can outnumber CPUs, and then who is waited for
 * may be off its CPU.  About 100 us of pauses, which no running holder takes.
 */
#define SPINS_BEFORE_YIELD 4096

struct mcs_node {
	struct mcs_node *next;
	int go;
};

/* One CPU's nodes fill one cache line. */
struct cpu_nodes {
	struct mcs_node node[MAX_NESTING];
} ____cacheline_aligned;

static struct cpu_nodes nodes[NR_CPUS];
static __thread int nesting;

static void relax(unsigned int *spins)
{
	if (++*spins % SPINS_BEFORE_YIELD)
		cpu_relax();
	else
		sched_yield();
}

/* Spins until the bits of mask are clear; what it saw then. */
static u32 wait_clear(spinlock_t *lock, u32 mask)
{
	unsigned int spins = 0;
	u32 val;

	/* Acquire: pairs with spin_unlock(). */
	while ((val = smp_load_acquire(&lock->val)) & mask)
		relax(&spins);
	return val;
}

/* Gives a hand-over in progress a while to end, so that it is no reason to queue. */
static u32 watch_hand_over(spinlock_t *lock, u32 val)
{
	for (int i = 0; val == PENDING && i < PENDING_LOOPS; i++) {
		cpu_relax();
		val = READ_ONCE(lock->val);
	}
	return val;
}

/*
 * Sets pending; the word after, with pending as it was before.  Two steps, because an
 * x86 has an instruction that sets a bit and tells its old value, but none that tells
 * the word's: that would be a loop of compare-and-exchange on a contended line.
 */
static u32 set_pending(spinlock_t *lock)
{
	u32 was = __atomic_fetch_or(&lock->val, PENDING, __ATOMIC_ACQUIRE) & PENDING;

	/* Acquire: if this shows the lock free, it is ours. */
	return was | (smp_load_acquire(&lock->val) & ~PENDING_MASK);
}

/* Never 0, which is no tail. */
static u16 tail_of(int cpu, int idx)
{
	return (cpu + 1) * MAX_NESTING + idx;
}

static struct mcs_node *node_of(u16 tail)
{
	return &nodes[tail / MAX_NESTING - 1].node[tail % MAX_NESTING];
}

/* Our place in the queue: behind prev until it has passed the head on to us. */
static void wait_behind(struct mcs_node *prev, struct mcs_node *node)
{
	struct mcs_node *next;
	unsigned int spins = 0;

	/* Release: pairs with the predecessor's acquire in pass_on(). */
	smp_store_release(&prev->next, node);
	/* Acquire: pairs with the predecessor's release in pass_on(). */
	while (!smp_load_acquire(&node->go))
		relax(&spins);
	/* Passing on will write to the successor's line: have it by then. */
	next = READ_ONCE(node->next);
	if (next)
		__builtin_prefetch(next, 1);
}

static void pass_on(struct mcs_node *node)
{
	struct mcs_node *next;
	unsigned int spins = 0;

	/* Acquire: pairs with the successor's release in wait_behind(). */
	while (!(next = smp_load_acquire(&node->next)))
		relax(&spins);
	/* Release: pairs with the successor's acquire in wait_behind(). */
	smp_store_release(&next->go, 1);
}

/* As the queue's head, after the owner and a pending waiter; then the next is head. */
static void lock_as_head(spinlock_t *lock, u16 tail, struct mcs_node *node)
{
	u32 val = wait_clear(lock, LOCKED_MASK | PENDING_MASK);

	if (val >> TAIL_SHIFT == tail &&
	    __atomic_compare_exchange_n(&lock->val, &val, LOCKED, false,
					__ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return;
	/* Others are behind us, so nobody but the head may set the locked byte. */
	WRITE_ONCE(lock->locked, LOCKED);
	pass_on(node);
}

static void enqueue(spinlock_t *lock, u16 tail, struct mcs_node *node)
{
	u16 old;

	node->next = NULL;
	node->go = 0;
	/* The node's line may have been a while in coming. */
	if (shim_spin_trylock(lock))
		return;
	/* Release: a successor finds our node initialised.  Acquire: its successor. */
	old = __atomic_exchange_n(&lock->tail, tail, __ATOMIC_ACQ_REL);
	if (old)
		wait_behind(node_of(old), node);
	lock_as_head(lock, tail, node);
}

static void lock_queued(spinlock_t *lock)
{
	int idx = nesting++;
	u16 tail = tail_of(shim_this_cpu, idx);

	/* An interrupt that waits here must take the next node. */
	barrier();
	enqueue(lock, tail, node_of(tail));
	barrier();
	nesting--;
}

void shim_spin_lock_slow(spinlock_t *lock, u32 val)
{
	val = watch_hand_over(lock, val);
	if (val & ~LOCKED_MASK) {
		lock_queued(lock);
		return;
	}
	val = set_pending(lock);
	if (val & ~LOCKED_MASK) {
		/* Others were before us: undo what we set, and only that. */
		if (!(val & PENDING_MASK))
			WRITE_ONCE(lock->pending, 0);
		lock_queued(lock);
		return;
	}
	wait_clear(lock, LOCKED_MASK);
	/* Pending to locked in one store: no window for a newcomer. */
	WRITE_ONCE(lock->locked_pending, LOCKED);
}
