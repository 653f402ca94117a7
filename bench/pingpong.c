// SPDX-License-Identifier: GPL-2.0-only
/* A ball, one cache line, passed back and forth by plain stores. */
#include "workloads/workload.h"

#include <asm/processor.h>

#include "pingpong.h"

#define ROUNDS 2000

static void await(struct pingpong *table, unsigned int value)
{
	while (__atomic_load_n(&table->ball, __ATOMIC_ACQUIRE) != value)
		cpu_relax();
}

static void hit(struct pingpong *table, unsigned int value)
{
	__atomic_store_n(&table->ball, value, __ATOMIC_RELEASE);
}

double pingpong_play(struct pingpong *table, bool server)
{
	u64 start = 0;

	/* The first round trip is the two players finding each other. */
	for (unsigned int i = 0; i <= ROUNDS; i++) {
		if (i == 1)
			start = wl_clock();
		if (server) {
			hit(table, 2 * i + 1);
			await(table, 2 * i + 2);
		} else {
			await(table, 2 * i + 1);
			hit(table, 2 * i + 2);
		}
	}
	return wl_env_ps(wl_clock() - start) / (2000.0 * ROUNDS);
}
