// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of what the workloads share: row names, the pools file read, pages counted,
 * shuffles, and pools and memory for the CPUs.
 */
#include "env.h"

#include <linux/mm.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shim/shim.h"

static struct device *dev;
static struct env env;

static int begin(void **state)
{
	static const struct wl_row row = { .size = 64 };

	dev = shim_device_create("dev0", -1);
	env_init(&env, wl_families[0], &row, 3, 1, dev);
	return 0;
}

static int end(void **state)
{
	shim_fail_nth(0);
	env_pools_text = NULL;
	return shim_device_destroy(dev) || shim_kmalloc_outstanding();
}

/* ---- row names ---- */

static void test_row_names(void **state)
{
	static const struct {
		const char *family;
		struct wl_row row;
		const char *name;
	} cases[] = {
		{ "pair", { .size = 64 }, "pair/v/size:64" },
		{ "dmapool_test", { .size = 16, .align = 16 },
		  "dmapool_test/v/size:16/align:16/boundary:0" },
		{ "pair", { .size = 68, .align = 32, .boundary = 4096 },
		  "pair/v/size:68/align:32/boundary:4096" },
		{ "batch", { .size = 64, .hold = 1024, .order = WL_LIFO },
		  "batch/v/size:64/hold:1024/order:lifo" },
		{ "batch", { .size = 64, .hold = 32, .order = WL_FIFO },
		  "batch/v/size:64/hold:32/order:fifo" },
		{ "contend", { .size = 64, .hold = 1024, .order = WL_RANDOM,
			       .shared = WL_SHARED, .many = true },
		  "contend/v/size:64/hold:1024/order:random/shared:1" },
		{ "contend", { .size = 64, .hold = 1, .shared = WL_OWN, .full = true },
		  "contend/v/size:64/hold:1/shared:0" },
		{ "latency", { .size = 64, .op = WL_ALLOC },
		  "latency/v/size:64/op:alloc" },
		{ "latency", { .size = 64, .op = WL_FREE },
		  "latency/v/size:64/op:free" },
		{ "frag", { .size = 64, .blocks = 25000, .phase = WL_DOWN },
		  "frag/v/size:64/blocks:25000/phase:down" },
		{ "frag", { .size = 64, .blocks = 5, .phase = WL_MIXED },
		  "frag/v/size:64/blocks:5/phase:mixed" },
		{ "frag", { .size = 64, .blocks = 5, .phase = WL_CHURN2 },
		  "frag/v/size:64/blocks:5/phase:churn2" },
		{ "frag", { .size = 64, .blocks = 5, .phase = WL_CHURN10 },
		  "frag/v/size:64/blocks:5/phase:churn10" },
		{ "driver", { .pattern = WL_NVME }, "driver/v/pattern:nvme" },
		{ "driver", { .pattern = WL_EHCI }, "driver/v/pattern:ehci" },
		{ "driver", { .pattern = WL_NIC }, "driver/v/pattern:nic" },
		{ "driver", { .pattern = WL_MPT3SAS, .blocks = 373959 },
		  "driver/v/pattern:mpt3sas/blocks:373959" },
	};
	char name[WL_NAME_LEN];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		wl_row_name(name, sizeof(name), cases[i].family, "v", &cases[i].row);
		assert_string_equal(name, cases[i].name);
	}
}

static void test_name_too_long_is_cut(void **state)
{
	const struct wl_row row = {
		.size = 64, .hold = 1024, .order = WL_RANDOM, .shared = WL_SHARED,
	};
	char whole[WL_NAME_LEN], name[WL_NAME_LEN];
	size_t len;

	wl_row_name(whole, sizeof(whole), "contend", "variant", &row);
	for (len = 1; len <= strlen(whole) + 1; len++) {
		memset(name, '#', sizeof(name));
		wl_row_name(name, len, "contend", "variant", &row);
		assert_int_equal(strlen(name), len - 1);
		assert_memory_equal(name, whole, len - 1);
		assert_int_equal(name[len], '#');
	}
}

/* Two rows of one name would be one in every report. */
static void test_rows_have_names_of_their_own(void **state)
{
	const struct workload *const *family;
	char name[WL_NAME_LEN], other[WL_NAME_LEN];
	unsigned int i, j;

	for (family = wl_families; *family; family++)
		for (i = 0; i < (*family)->nr_rows; i++)
			for (j = 0; j < i; j++) {
				wl_row_name(name, sizeof(name), "", "",
					    &(*family)->rows[i]);
				wl_row_name(other, sizeof(other), "", "",
					    &(*family)->rows[j]);
				assert_string_not_equal(name, other);
			}
}

/* ---- the pools file ---- */

static void check_usage(const char *text, size_t active, size_t blocks, size_t pages)
{
	struct wl_usage usage = { 77, 77, 77 };

	env_pools_text = text;
	assert_int_equal(wl_usage(dev, &usage), 0);
	assert_int_equal(usage.active, active);
	assert_int_equal(usage.blocks, blocks);
	assert_int_equal(usage.pages, pages);
}

static void test_pools_file(void **state)
{
	check_usage("poolinfo - 0.1\n", 0, 0, 0);
	check_usage("", 0, 0, 0);
	check_usage("poolinfo - 0.1\n"
		    "bench               3   64   64  1\n", 3, 64, 1);
	check_usage("poolinfo - 0.1\n"
		    "a                   1   64   64  1\n"
		    "b                  20  320   64  5\n", 21, 384, 6);
	/* names with blanks and digits, and one that fills its column */
	check_usage("poolinfo - 0.1\n"
		    "prp list 256       10   32  256  2\n"
		    "7 8 9               1    2   16  3\n"
		    "ehci_qtd_of_32bytes    4    5   96  6\n", 15, 39, 11);
	/* figures wider than their columns */
	check_usage("poolinfo - 0.1\n"
		    "big              373959 4294967296  128 134217728\n",
		    373959, 4294967296, 134217728);
	/* a line that the page cut off */
	check_usage("poolinfo - 0.1\n"
		    "a                   1   64   64  1\n"
		    "b                   1   6", 1, 64, 1);
}

static void test_pools_file_of_a_pool(void **state)
{
	struct dma_pool *pool = dma_pool_create("two words 3", dev, 104, 0, 0);
	struct dma_pool_block block[41];
	struct wl_usage usage;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(block); i++)
		block[i].vaddr = dma_pool_alloc(pool, GFP_KERNEL, &block[i].dma);
	assert_int_equal(wl_usage(dev, &usage), 0);
	assert_int_equal(usage.active, 41);
	assert_int_equal(usage.blocks, 78);
	assert_int_equal(usage.pages, 2);
	dma_pool_free_bulk(pool, ARRAY_SIZE(block), block);
	dma_pool_destroy(pool);
	assert_int_equal(wl_usage(dev, &usage), -ENOENT);
}

static void test_usage_out_of_memory(void **state)
{
	struct wl_usage usage;

	env_pools_text = "poolinfo - 0.1\n";
	shim_fail_nth(1);
	assert_int_equal(wl_usage(dev, &usage), -ENOMEM);
}

/* ---- pages ---- */

#define BLOCKS 3000

static struct dma_pool_block block[BLOCKS];

/* The same, looked at the other way: every frame that may be, whether it is. */
static size_t frames_of(size_t nr, u64 frames)
{
	size_t count = 0, i;
	u64 frame;

	for (frame = 0; frame < frames; frame++) {
		for (i = 0; i < nr; i++)
			if (block[i].vaddr && block[i].dma >> PAGE_SHIFT == frame)
				break;
		count += i < nr;
	}
	return count;
}

static void check_pages(size_t size, size_t nr, size_t occupied, size_t live)
{
	memset(env.run.figure, 0x55, sizeof(env.run.figure));
	env.run.have = 0;
	assert_int_equal(wl_measure_pages(&env.run, NULL, size, block, nr), 0);
	assert_int_equal(env.run.have, (1u << WL_SAMPLED) - 1);
	assert_int_equal(env.run.figure[WL_PAGES_HELD], 1234);
	assert_int_equal(env.run.figure[WL_PAGES_OCCUPIED], occupied);
	assert_int_equal(env.run.figure[WL_PAGES_IDEAL],
			 (live + PAGE_SIZE / size - 1) / (PAGE_SIZE / size));
	assert_int_equal(env.run.figure[WL_BYTES_STRANDED], 0);
}

static void test_pages(void **state)
{
	u64 rng = rng_seed(1);
	size_t nr, live, i;
	u32 frames;

	env_pools_text = "poolinfo - 0.1\nbench  1 2 64 1234\n";
	check_pages(64, 0, 0, 0);
	for (nr = 1; nr <= BLOCKS; nr = nr * 3 + 1) {
		frames = 1 + nr / 4;
		for (i = live = 0; i < nr; i++) {
			block[i].vaddr = rng_below(&rng, 4) ? block : NULL;
			block[i].dma = (u64)rng_below(&rng, frames) << PAGE_SHIFT |
				       rng_below(&rng, PAGE_SIZE);
			live += !!block[i].vaddr;
		}
		check_pages(64, nr, frames_of(nr, frames), live);
	}
}

/* Address zero is an address, and frames far apart can share a place in the set. */
static void test_pages_far_apart(void **state)
{
	size_t i;

	env_pools_text = "poolinfo - 0.1\nbench  1 2 64 1234\n";
	for (i = 0; i < BLOCKS; i++) {
		block[i].vaddr = block;
		block[i].dma = (dma_addr_t)i << 40;
	}
	check_pages(4096, BLOCKS, BLOCKS, BLOCKS);
	check_pages(16, BLOCKS, BLOCKS, BLOCKS);
	check_pages(16, 1, 1, 1);
}

static void test_trim(void **state)
{
	env_pools_text = "poolinfo - 0.1\nbench  1 2 64 1234\n";
	memset(env.run.figure, 0x55, sizeof(env.run.figure));
	env.run.have = 0;
	assert_int_equal(wl_measure_trim(&env.run, NULL), 0);
	assert_int_equal(env.run.have, (1u << WL_FIGURES) - (1u << WL_SAMPLED));
	assert_int_equal(env.run.figure[WL_PAGES_HELD_AFTER_TRIM], 1234);
	assert_int_equal(env.run.figure[WL_BYTES_STRANDED_AFTER_TRIM], 0);
	assert_in_range(env.run.figure[WL_TRIM_NS], 0, 1000000000);

	env.run.have = 0;
	shim_fail_nth(1);
	assert_int_equal(wl_measure_trim(&env.run, NULL), -ENOMEM);
	shim_fail_nth(0);
	assert_int_equal(env.run.have, 0);
}

static void test_pages_out_of_memory(void **state)
{
	unsigned int n;

	env_pools_text = "poolinfo - 0.1\nbench  1 2 64 1234\n";
	for (n = 1; n <= 2; n++) {
		shim_fail_nth(n);
		assert_int_equal(wl_measure_pages(&env.run, NULL, 64, block, BLOCKS),
				 -ENOMEM);
	}
	assert_int_equal(env.run.have, 0);
}

/* ---- shuffles ---- */

static void test_permutation_has_all(void **state)
{
	static unsigned int order[1000];
	static bool seen[1000];
	unsigned int n, i, moved = 0;
	u64 rng = rng_seed(1);

	for (n = 0; n <= 1000; n = n * 2 + 1) {
		memset(seen, 0, sizeof(seen));
		wl_permute(order, n, &rng);
		for (i = 0; i < n; i++) {
			assert_in_range(order[i], 0, n - 1);
			assert_false(seen[order[i]]);
			seen[order[i]] = true;
			moved += order[i] != i;
		}
	}
	assert_true(moved > 900);
}

/* Chi-square of the 24 orders of 4: over 65 is one in 100000. */
static void test_permutations_are_even(void **state)
{
	unsigned int order[4], count[256] = { 0 }, orders = 0, i;
	double chi = 0, mean = 2000;
	u64 rng = rng_seed(1);

	for (i = 0; i < 24 * mean; i++) {
		wl_permute(order, 4, &rng);
		count[order[0] | order[1] << 2 | order[2] << 4 | order[3] << 6]++;
	}
	for (i = 0; i < 256; i++) {
		if (!count[i])
			continue;
		orders++;
		chi += (count[i] - mean) * (count[i] - mean) / mean;
	}
	assert_int_equal(orders, 24);
	assert_true(chi < 65);
}

/* ---- pools and memory for the CPUs ---- */

static void test_pools_are_shared_or_own(void **state)
{
	char buf[PAGE_SIZE];

	assert_int_equal(wl_create_pools(&env.run, true, 64, 0, 0), 0);
	assert_ptr_equal(env.cpus[1].pool, env.cpus[0].pool);
	assert_ptr_equal(env.cpus[2].pool, env.cpus[0].pool);
	wl_destroy_pools(&env.run);
	assert_int_equal(shim_device_read(dev, "pools", buf), -ENOENT);

	assert_int_equal(wl_create_pools(&env.run, false, 68, 32, 4096), 0);
	assert_ptr_not_equal(env.cpus[1].pool, env.cpus[0].pool);
	assert_ptr_not_equal(env.cpus[2].pool, env.cpus[0].pool);
	assert_ptr_not_equal(env.cpus[2].pool, env.cpus[1].pool);
	assert_true(shim_device_read(dev, "pools", buf) > 0);
	assert_non_null(strstr(buf, "bench               0    0   96  0\n"));
	wl_destroy_pools(&env.run);
	assert_int_equal(shim_device_read(dev, "pools", buf), -ENOENT);
	wl_destroy_pools(&env.run);
}

static void test_pools_out_of_memory(void **state)
{
	unsigned int n, left = 0;
	int err;

	for (n = 1; !left; n++) {
		shim_fail_nth(n);
		err = wl_create_pools(&env.run, false, 64, 0, 0);
		left = shim_fail_nth(0);
		assert_int_equal(err, left ? 0 : -ENOMEM);
		wl_destroy_pools(&env.run);
		assert_int_equal(shim_kmalloc_outstanding(), 0);
	}
	assert_true(n > 4);
}

static void test_data_is_zeroed_for_each(void **state)
{
	static const char zeros[1000];
	unsigned int i;

	assert_int_equal(wl_alloc_data(&env.run, sizeof(zeros)), 0);
	for (i = 0; i < 3; i++) {
		assert_memory_equal(env.cpus[i].data, zeros, sizeof(zeros));
		memset(env.cpus[i].data, 1, sizeof(zeros));
	}
	wl_free_data(&env.run);
	shim_fail_nth(2);
	assert_int_equal(wl_alloc_data(&env.run, sizeof(zeros)), -ENOMEM);
	wl_free_data(&env.run);
	assert_null(env.cpus[0].data);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_row_names),
		TEST(test_name_too_long_is_cut),
		TEST(test_rows_have_names_of_their_own),
		TEST(test_pools_file),
		TEST(test_pools_file_of_a_pool),
		TEST(test_usage_out_of_memory),
		TEST(test_pages),
		TEST(test_pages_far_apart),
		TEST(test_trim),
		TEST(test_pages_out_of_memory),
		TEST(test_permutation_has_all),
		TEST(test_permutations_are_even),
		TEST(test_pools_are_shared_or_own),
		TEST(test_pools_out_of_memory),
		TEST(test_data_is_zeroed_for_each),
	};

	shim_cpu_up();
	return cmocka_run_group_tests_name("common", tests, NULL, NULL);
}
