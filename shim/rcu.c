// SPDX-License-Identifier: GPL-2.0-only
/* Callbacks after a grace period, on liburcu's own thread. */
#include <linux/rcupdate.h>
#include <linux/irqflags.h>
#include <linux/slab.h>

#ifdef __SANITIZE_THREAD__
/* The address ThreadSanitizer hangs RCU's one edge on. */
char shim_rcu_edge;

/* The library was built without it: what happens inside looks unordered. */
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
	return "called_from_lib:liburcu-memb.so\n";
}
#endif

#undef rcu_head
static void run_callback(struct rcu_head *urcu)
{
	struct shim_rcu_head *head = (struct shim_rcu_head *)urcu;

	shim_rcu_readers_gone();
	if (head->func)
		head->func(head);
	else
		kfree(head->object);
	/* For shim_rcu_barrier(), which waits for what the callbacks did. */
	shim_rcu_reader_done();
}

void shim_rcu_barrier(void)
{
	urcu_memb_barrier();
	shim_rcu_readers_gone();
}

void shim_call_rcu(struct shim_rcu_head *head, void (*func)(struct shim_rcu_head *head))
{
	unsigned long flags;

	head->func = func;
	/* The callback follows its call, too. */
	shim_rcu_reader_done();
	local_irq_save(flags);
	urcu_memb_call_rcu(&head->urcu, run_callback);
	local_irq_restore(flags);
}

void shim_kfree_rcu(struct shim_rcu_head *head, const void *object)
{
	head->object = object;
	shim_call_rcu(head, NULL);
}
