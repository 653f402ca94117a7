// SPDX-License-Identifier: GPL-2.0-only
/*
 * Load on one pool while something happens to the machine: threads that may run on any
 * CPU take random blocks and give back each other's.  A block says whose it is, so one
 * that was handed out twice is noticed.  The parameter run starts and stops the threads;
 * stopping gives every block back, so the pools file must then show none.
 */
#include <linux/atomic.h>
#include <linux/dma-mapping.h>
#include <linux/dmapool.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/prandom.h>
#include <linux/rcupdate.h>
#include <linux/stringify.h>
#include <linux/vmalloc.h>

#define MAX_THREADS	16
#define TURNS		256	/* of a thread, until others have theirs */

/* How a block looks to its user.  A pool may write to the start of a free one. */
struct block {
	u64 links[2];
	dma_addr_t dma;
	struct block **slot;	/* whose it is, 0: nobody's */
};

static unsigned int threads = 4;
module_param(threads, uint, 0444);
MODULE_PARM_DESC(threads, "How many kthreads (4)");
static unsigned int slots = 4096;
module_param(slots, uint, 0444);
MODULE_PARM_DESC(slots, "How many blocks at most; about half are out at a time (4096)");
static unsigned int size = 64;
module_param(size, uint, 0444);
MODULE_PARM_DESC(size, "Size of a block (64)");

static atomic_t nr_wrong = ATOMIC_INIT(0);
module_param_named(wrong, nr_wrong.counter, int, 0444);
MODULE_PARM_DESC(wrong, "How many blocks were not their user's alone");
static atomic_t nr_rounds = ATOMIC_INIT(0);
module_param_named(rounds, nr_rounds.counter, int, 0444);
MODULE_PARM_DESC(rounds, "How many times " __stringify(TURNS) " blocks came or went");

static atomic_t nr_refused = ATOMIC_INIT(0);
module_param_named(refused, nr_refused.counter, int, 0444);
MODULE_PARM_DESC(refused, "How many times there was no block to be had");

static struct platform_device *device;
static struct dma_pool *pool;
static struct block **table;	/* of slots; a block's thread is whoever takes it out */
static struct task_struct *workers[MAX_THREADS];
static bool running;

static void check(struct block *block, struct block **was, struct block **expected)
{
	if (was == expected)
		return;
	atomic_inc(&nr_wrong);
	pr_err_ratelimited("block %p is of slot %p, not %p\n", block, was, expected);
}

static void give_back(struct block **slot, struct block *block)
{
	check(block, xchg(&block->slot, NULL), slot);
	dma_pool_free(pool, block, block->dma);
}

static void take(struct block **slot, gfp_t gfp)
{
	dma_addr_t dma;
	struct block *block = dma_pool_alloc(pool, gfp, &dma);

	if (!block) {
		atomic_inc(&nr_refused);
		return;
	}
	check(block, xchg(&block->slot, slot), NULL);
	block->dma = dma;
	if (cmpxchg(slot, NULL, block))
		give_back(slot, block);
}

static int work(void *seed)
{
	struct rnd_state random;
	struct block *block, **slot;
	unsigned int i;
	u32 number;

#ifdef CONFIG_FAULT_INJECTION
	/* Where faults are for chosen tasks: all memory it asks for is the pool's. */
	current->make_it_fail = true;
#endif
	prandom_seed_state(&random, (unsigned long)seed);
	while (!kthread_should_stop()) {
		for (i = 0; i < TURNS; i++) {
			number = prandom_u32_state(&random);
			slot = &table[number % slots];
			block = xchg(slot, NULL);
			if (block)
				give_back(slot, block);
			else
				take(slot, number >> 31 ? GFP_KERNEL : GFP_ATOMIC);
		}
		atomic_inc(&nr_rounds);
		cond_resched();
	}
	return 0;
}

static void stop(void)
{
	unsigned int i;

	for (i = 0; i < threads && workers[i]; i++) {
		kthread_stop(workers[i]);
		workers[i] = NULL;
	}
	for (i = 0; i < slots; i++) {
		if (table[i])
			give_back(&table[i], table[i]);
		table[i] = NULL;
	}
	running = false;
}

static int start(void)
{
	struct task_struct *worker;
	unsigned long i;

	running = true;
	for (i = 0; i < threads; i++) {
		worker = kthread_run(work, (void *)(i + 1), "stress/%lu", i);
		if (IS_ERR(worker)) {
			stop();
			return PTR_ERR(worker);
		}
		workers[i] = worker;
	}
	return 0;
}

static int run_set(const char *text, const struct kernel_param *param)
{
	bool on;
	int err = kstrtobool(text, &on);

	if (err)
		return err;
	if (!pool)
		return -EAGAIN;
	if (on && !running)
		return start();
	if (!on && running)
		stop();
	return 0;
}

static const struct kernel_param_ops run_ops = {
	.set = run_set,
	.get = param_get_bool,
};
module_param_cb(run, &run_ops, &running, 0644);
MODULE_PARM_DESC(run, "Once loaded, write 1: start, 0: stop and give all blocks back");

static int make_pool(void)
{
	int err = dma_coerce_mask_and_coherent(&device->dev, DMA_BIT_MASK(64));

	if (err)
		return err;
	pool = dma_pool_create("stress", &device->dev, max(size, sizeof(struct block)),
			       0, 0);
	return pool ? 0 : -ENOMEM;
}

static int __init stress_init(void)
{
	int err = -ENOMEM;

	if (!threads || threads > MAX_THREADS || !slots) {
		pr_err("threads are 1 to %u, slots 1 or more\n", MAX_THREADS);
		return -EINVAL;
	}
	table = vzalloc(array_size(slots, sizeof(*table)));
	if (!table)
		return err;
	device = platform_device_register_simple(KBUILD_MODNAME, PLATFORM_DEVID_NONE,
						 NULL, 0);
	err = PTR_ERR_OR_ZERO(device);
	if (err)
		goto free_table;
	err = make_pool();
	if (!err)
		return 0;
	platform_device_unregister(device);
free_table:
	vfree(table);
	return err;
}
module_init(stress_init);

static void __exit stress_exit(void)
{
	stop();
	dma_pool_destroy(pool);
	platform_device_unregister(device);
	vfree(table);
	/* The pool's RCU callbacks may have done their work, but not returned. */
	rcu_barrier();
}
module_exit(stress_exit);

MODULE_DESCRIPTION("dmapool-bench: load on the pool " VARIANT_NAME);
MODULE_LICENSE("GPL");
