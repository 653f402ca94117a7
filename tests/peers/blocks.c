// SPDX-License-Identifier: GPL-2.0-only
/* That a peer hands out what the workloads count on: blocks of their own, in shape. */
#include <linux/device.h>
#include <linux/dmapool.h>
#include <linux/kernel.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../shim/shim.h"
#include "../../variants/dmapool_ext.h"

#define BLOCKS	2048
#define BULK	100		/* not a divisor of anything */

static const struct shape {
	size_t size, align, boundary;
} shapes[] = {
	{ 16, 0, 0 }, { 64, 0, 0 }, { 68, 32, 4096 }, { 100, 64, 0 }, { 256, 0, 0 },
	{ 1024, 0, 0 }, { 4096, 0, 0 },
};

static struct device *dev;
static struct dma_pool_block blocks[BLOCKS];

static int by_address(const void *a, const void *b)
{
	const struct dma_pool_block *x = a, *y = b;

	return x->vaddr < y->vaddr ? -1 : x->vaddr > y->vaddr;
}

static void check_shape(const struct shape *shape)
{
	size_t i;

	qsort(blocks, BLOCKS, sizeof(*blocks), by_address);
	for (i = 0; i < BLOCKS; i++) {
		uintptr_t at = (uintptr_t)blocks[i].vaddr;

		if (i)
			assert_true((uintptr_t)blocks[i - 1].vaddr + shape->size <= at);
		if (shape->align)
			assert_int_equal(at % shape->align, 0);
		if (shape->boundary)
			assert_int_equal(at / shape->boundary,
					 (at + shape->size - 1) / shape->boundary);
		assert_int_equal(blocks[i].dma - at, blocks[0].dma -
				 (uintptr_t)blocks[0].vaddr);
	}
}

static void write_and_read(size_t size)
{
	size_t i, j;

	for (i = 0; i < BLOCKS; i++)
		memset(blocks[i].vaddr, i % 251 + 1, size);
	for (i = 0; i < BLOCKS; i++)
		for (j = 0; j < size; j++)
			assert_int_equal(((u8 *)blocks[i].vaddr)[j], i % 251 + 1);
}

static struct dma_pool *create(const struct shape *shape)
{
	struct dma_pool *pool = dma_pool_create("test", dev, shape->size, shape->align,
						shape->boundary);

	assert_non_null(pool);
	return pool;
}

static void test_blocks(void **state)
{
	size_t s, i;

	for (s = 0; s < ARRAY_SIZE(shapes); s++) {
		struct dma_pool *pool = create(&shapes[s]);

		for (i = 0; i < BLOCKS; i++) {
			blocks[i].vaddr = dma_pool_alloc(pool, GFP_KERNEL,
							 &blocks[i].dma);
			assert_non_null(blocks[i].vaddr);
		}
		check_shape(&shapes[s]);
		write_and_read(shapes[s].size);
		for (i = 0; i < BLOCKS; i++)
			dma_pool_free(pool, blocks[i].vaddr, blocks[i].dma);
		dma_pool_destroy(pool);
	}
}

static void test_bulk(void **state)
{
	struct dma_pool *pool = create(&shapes[1]);
	size_t i, n;

	for (i = 0; i < BLOCKS; i += n) {
		n = min((size_t)BULK, BLOCKS - i);
		assert_int_equal(dma_pool_alloc_bulk(pool, GFP_KERNEL, n, blocks + i), n);
	}
	check_shape(&shapes[1]);
	write_and_read(shapes[1].size);
	for (i = 0; i < BLOCKS; i += n) {
		n = min((size_t)BULK, BLOCKS - i);
		dma_pool_free_bulk(pool, n, blocks + i);
	}
	dma_pool_destroy(pool);
}

static void test_zeroed_where_asked(void **state)
{
	struct dma_pool *pool = create(&shapes[1]);
	dma_addr_t dma;
	u8 *vaddr;
	size_t i;

	vaddr = dma_pool_alloc(pool, GFP_KERNEL, &dma);
	memset(vaddr, 0xff, shapes[1].size);
	dma_pool_free(pool, vaddr, dma);
	vaddr = dma_pool_zalloc(pool, GFP_KERNEL, &dma);
	for (i = 0; i < shapes[1].size; i++)
		assert_int_equal(vaddr[i], 0);
	dma_pool_free(pool, vaddr, dma);
	dma_pool_destroy(pool);
}

/* Frees the first half, which the main thread allocated, and takes it anew. */
static void *thread(void *pool)
{
	size_t i;

	shim_cpu_up();
	for (i = 0; i < BLOCKS / 2; i++)
		dma_pool_free(pool, blocks[i].vaddr, blocks[i].dma);
	for (i = 0; i < BLOCKS / 2; i++)
		blocks[i].vaddr = dma_pool_alloc(pool, GFP_KERNEL, &blocks[i].dma);
	return NULL;
}

/* More threads, one after another, than any library has places for. */
static void test_threads_come_and_go(void **state)
{
	struct dma_pool *pool = create(&shapes[1]);
	pthread_t id;
	size_t i;

	for (i = 0; i < BLOCKS; i++)
		blocks[i].vaddr = dma_pool_alloc(pool, GFP_KERNEL, &blocks[i].dma);
	for (i = 0; i < 300; i++) {
		assert_int_equal(pthread_create(&id, NULL, thread, pool), 0);
		pthread_join(id, NULL);
	}
	for (i = 0; i < BLOCKS; i++)
		assert_non_null(blocks[i].vaddr);
	check_shape(&shapes[1]);
	for (i = 0; i < BLOCKS; i++)
		dma_pool_free(pool, blocks[i].vaddr, blocks[i].dma);
	dma_pool_destroy(pool);
}

/* As many as all CPUs of this machine hold in a row of many, with their caches full. */
static void test_room_for_all_cpus(void **state)
{
	size_t nr = sysconf(_SC_NPROCESSORS_ONLN) * (1024 + 768), i;
	struct dma_pool_block *block = calloc(nr, sizeof(*block));
	struct dma_pool *pool = create(&shapes[1]);

	assert_non_null(block);
	for (i = 0; i < nr; i++) {
		block[i].vaddr = dma_pool_alloc(pool, GFP_KERNEL, &block[i].dma);
		assert_non_null(block[i].vaddr);
	}
	for (i = 0; i < nr; i++)
		dma_pool_free(pool, block[i].vaddr, block[i].dma);
	dma_pool_destroy(pool);
	free(block);
}

static void test_memory_comes_back(void **state)
{
	size_t s;

	for (s = 0; s < ARRAY_SIZE(shapes); s++)
		dma_pool_destroy(create(&shapes[s]));
	assert_int_equal(shim_dma_outstanding(dev), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_bulk),
		cmocka_unit_test(test_zeroed_where_asked),
		cmocka_unit_test(test_threads_come_and_go),
		cmocka_unit_test(test_room_for_all_cpus),
		cmocka_unit_test(test_memory_comes_back),
	};

	shim_cpu_up();
	dev = shim_device_create("test", -1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
