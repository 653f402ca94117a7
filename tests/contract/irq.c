// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts in the middle of a pool's calls that use the same pool, and blocks that
 * go from the task to the interrupt and back.
 */
#include "exchange.h"
#include "shim/shim.h"

#define PERIOD_US	25
#define IRQS		1500		/* enough to strike most instructions of a call */
#define MAX_STEPS	4000000		/* the signals do not come */
#define STEPS_AN_IRQ	4

struct irq_side {
	struct exchange *x;
	struct prop_rng rng;
	unsigned long taken;
};

static void handler(void *arg)
{
	struct irq_side *irq = arg;
	unsigned int i;

	for (i = 0; i < STEPS_AN_IRQ; i++)
		exchange_step(irq->x, &irq->rng, GFP_ATOMIC);
	WRITE_ONCE(irq->taken, irq->taken + 1);
}

static void needs_interrupts(struct contract *t)
{
#ifdef __SANITIZE_THREAD__
	contract_skip(t, "ThreadSanitizer holds signals back until it likes them");
#endif
	if (t->traits->block_per_page)
		contract_skip(t, "coherent memory cannot be freed in an interrupt");
}

static void check_exchange_with_irq(struct contract *t, gfp_t gfp)
{
	struct prop_rng rng = { prop_seed };
	struct exchange x;
	struct irq_side irq = { .x = &x, .rng = { ~prop_seed } };
	unsigned long steps;

	needs_interrupts(t);
	exchange_begin(t, &x, 0, 0);
	CHECK(t, !shim_irq_start(handler, &irq, PERIOD_US), "there is no timer");
	for (steps = 0; READ_ONCE(irq.taken) < IRQS && steps < MAX_STEPS; steps++)
		exchange_step(&x, &rng, gfp);
	shim_irq_stop();
	CHECK(t, irq.taken >= IRQS, "only %lu interrupts came", irq.taken);
	exchange_end(t, &x);
}

static void interrupts_share_a_pool_with_an_atomic_task(struct contract *t)
{
	check_exchange_with_irq(t, GFP_ATOMIC);
}

static void interrupts_share_a_pool_with_a_task_that_may_sleep(struct contract *t)
{
	check_exchange_with_irq(t, GFP_KERNEL);
}

const struct contract_test irq_tests[] = {
	CONTRACT_TEST(interrupts_share_a_pool_with_an_atomic_task),
	CONTRACT_TEST(interrupts_share_a_pool_with_a_task_that_may_sleep),
	{ }
};
