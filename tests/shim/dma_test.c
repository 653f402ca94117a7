// SPDX-License-Identifier: GPL-2.0-only
/* The direct page source: what dma_alloc_coherent() promises and refuses. */
#include <linux/dma-mapping.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shim_test.h"

#ifdef __SANITIZE_ADDRESS__
#define ASAN true
#else
#define ASAN false
#endif

#define LARGEST		(4UL << 20)
/* Nodes that nobody else here asks for, whose lists are therefore empty. */
#define UNUSED_NODE	40
#define RESERVE_NODE	41
#define THREADS		4

struct block {
	void *vaddr;
	dma_addr_t dma;
	size_t size;
};

static struct device *dev;

static int make_device(void **state)
{
	dev = shim_device_create("dev0", NUMA_NO_NODE);
	return dev ? 0 : -1;
}

static int destroy_device(void **state)
{
	return shim_device_destroy(dev) ? -1 : 0;
}

static struct block take(struct device *from, size_t size)
{
	struct block b = { .size = size };

	b.vaddr = dma_alloc_coherent(from, size, &b.dma, GFP_KERNEL);
	assert_non_null(b.vaddr);
	return b;
}

static void give(struct device *to, const struct block *b)
{
	dma_free_coherent(to, b->size, b->vaddr, b->dma);
}

static bool is_zero(const char *p, size_t size)
{
	while (size && !p[size - 1])
		size--;
	return !size;
}

static void it_is_zero_also_when_used_again(void **state)
{
	struct block first = take(dev, 3 * PAGE_SIZE), again;

	assert_true(is_zero(first.vaddr, first.size));
	memset(first.vaddr, 0xff, first.size);
	give(dev, &first);
	again = take(dev, 3 * PAGE_SIZE);
	assert_ptr_equal(again.vaddr, first.vaddr);
	assert_true(is_zero(again.vaddr, again.size));
	give(dev, &again);
}

static void it_is_aligned_to_the_pages_it_takes(void **state)
{
	struct block b[2];

	for (size_t align = PAGE_SIZE; align <= LARGEST / 2; align *= 2) {
		b[0] = take(dev, align);
		b[1] = take(dev, align / 2 + 1);
		for (int i = 0; i < 2; i++) {
			assert_int_equal((uintptr_t)b[i].vaddr % align, 0);
			assert_int_equal(b[i].dma % align, 0);
			give(dev, &b[i]);
		}
	}
}

static void the_handle_is_no_pointer_but_leads_to_it(void **state)
{
	struct block b = take(dev, PAGE_SIZE);

	assert_int_not_equal(b.dma, (uintptr_t)b.vaddr);
	assert_ptr_equal(shim_dma_to_virt(b.dma), b.vaddr);
	assert_ptr_equal(shim_dma_to_virt(b.dma + 100), b.vaddr + 100);
	give(dev, &b);
}

static void a_fresh_chunk_is_handed_out_ascending(void **state)
{
	struct device *fresh = shim_device_create("fresh", UNUSED_NODE);
	const size_t step = ASAN ? 2 * PAGE_SIZE : PAGE_SIZE;
	struct block b[LARGEST / PAGE_SIZE];
	const size_t nr = LARGEST / step;

	for (size_t i = 0; i < nr; i++) {
		b[i] = take(fresh, PAGE_SIZE);
		assert_ptr_equal(b[i].vaddr, b[0].vaddr + i * step);
	}
	for (size_t i = 0; i < nr; i++)
		give(fresh, &b[i]);
	/* Last freed first. */
	assert_ptr_equal((b[0] = take(fresh, PAGE_SIZE)).vaddr, b[nr - 1].vaddr);
	give(fresh, &b[0]);
	assert_int_equal(shim_device_destroy(fresh), 0);
}

static void nothing_and_too_much_are_refused(void **state)
{
	static const size_t sizes[] = {
		0, LARGEST + 1, 1UL << 40, SIZE_MAX - 5000, SIZE_MAX,
	};
	struct block largest;
	dma_addr_t dma;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		assert_null(dma_alloc_coherent(dev, sizes[i], &dma, GFP_KERNEL));
	assert_int_equal(shim_dma_outstanding(dev), 0);
	largest = take(dev, ASAN ? LARGEST - PAGE_SIZE : LARGEST);
	give(dev, &largest);
}

static void bytes_are_counted_by_the_page_and_device(void **state)
{
	struct device *other = shim_device_create("other", NUMA_NO_NODE);
	struct block one = take(dev, 1), two = take(other, 2 * PAGE_SIZE + 1);

	assert_int_equal(shim_dma_outstanding(dev), PAGE_SIZE);
	assert_int_equal(shim_dma_outstanding(other), 3 * PAGE_SIZE);
	give(dev, &one);
	assert_int_equal(shim_dma_outstanding(dev), 0);
	give(other, &two);
	assert_int_equal(shim_device_destroy(other), 0);
}

static void any_node_will_do(void **state)
{
	static const int nodes[] = { 0, 99, 1 << 20, -1 };

	for (size_t i = 0; i < ARRAY_SIZE(nodes); i++) {
		struct device *far = shim_device_create("far", nodes[i]);
		struct block b = take(far, PAGE_SIZE);

		memset(b.vaddr, 1, b.size);
		give(far, &b);
		assert_int_equal(shim_device_destroy(far), 0);
	}
}

static void free_it(void *arg)
{
	give(dev, arg);
}

static unsigned int warnings_of_free(struct block b, size_t size, dma_addr_t dma)
{
	b.size = size;
	b.dma = dma;
	return warnings_of(free_it, &b);
}

static void a_wrong_free_warns_and_changes_nothing(void **state)
{
	struct block b = take(dev, 2 * PAGE_SIZE);

	assert_int_equal(warnings_of_free(b, b.size, b.dma + PAGE_SIZE), 1);
	assert_int_equal(warnings_of_free(b, PAGE_SIZE, b.dma), 1);
	assert_int_equal(warnings_of_free(b, 3 * PAGE_SIZE, b.dma), 1);
	memset(b.vaddr, 1, b.size);
	assert_int_equal(shim_dma_outstanding(dev), b.size);
	assert_int_equal(warnings_of_free(b, b.size, b.dma), 0);
	assert_int_equal(warnings_of_free(b, b.size, b.dma), 1);
	assert_int_equal(shim_dma_outstanding(dev), 0);
}

/* Pages of address space that the program has. */
static long mapped_pages(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	long pages = 0;

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%ld", &pages), 1);
	fclose(file);
	return pages;
}

static void what_is_reserved_need_not_be_mapped(void **state)
{
	struct device *thrifty = shim_device_create("thrifty", RESERVE_NODE);
	struct block b[3];
	long before;

	assert_int_equal(shim_dma_reserve(thrifty, 2 * LARGEST + 1), 0);
	assert_int_equal(shim_dma_outstanding(thrifty), 0);
	before = mapped_pages();
	for (int i = 0; i < 3; i++)
		b[i] = take(thrifty, LARGEST - PAGE_SIZE);
	assert_in_range(mapped_pages() - before, 0, LARGEST / PAGE_SIZE - 1);
	for (int i = 0; i < 3; i++)
		give(thrifty, &b[i]);
	assert_int_equal(shim_device_destroy(thrifty), 0);
}

static void take_and_give(void *arg)
{
	int *foreign = arg;
	dma_addr_t dma[4];
	char *page[4];

	for (int i = 0; i < 500; i++) {
		for (int j = 0; j < 4; j++) {
			page[j] = dma_alloc_coherent(dev, PAGE_SIZE << j, &dma[j],
						     GFP_ATOMIC);
			memset(page[j], smp_processor_id(), PAGE_SIZE << j);
		}
		for (int j = 0; j < 4; j++) {
			*foreign += page[j][(PAGE_SIZE << j) - 1] != smp_processor_id();
			dma_free_coherent(dev, PAGE_SIZE << j, page[j], dma[j]);
		}
	}
}

static void threads_get_pages_of_their_own(void **state)
{
	struct cpu_thread cpus[THREADS];
	int foreign[THREADS] = { 0 };

	for (int i = 0; i < THREADS; i++)
		cpu_start(&cpus[i], take_and_give, &foreign[i]);
	for (int i = 0; i < THREADS; i++) {
		cpu_join(&cpus[i]);
		assert_int_equal(foreign[i], 0);
	}
	assert_int_equal(shim_dma_outstanding(dev), 0);
}

/* Whether the address sanitizer kills who touches it; in a child, as it does. */
static bool kills(char *p)
{
	char report[4096] = "";
	int fds[2], status;
	size_t len = 0;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		dup2(fds[1], STDERR_FILENO);
		WRITE_ONCE(*p, 1);
		_exit(0);
	}
	close(fds[1]);
	while ((n = read(fds[0], report + len, sizeof(report) - 1 - len)) > 0)
		len += n;
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status && strstr(report, "use-after-poison");
}

static void a_touch_outside_a_block_kills(void **state)
{
	struct block b, next;

	if (!ASAN)
		SKIP("only the address sanitizer sees it");
	b = take(dev, PAGE_SIZE);
	next = take(dev, PAGE_SIZE);
	assert_false(kills(b.vaddr));
	assert_false(kills(b.vaddr + PAGE_SIZE - 1));
	assert_true(kills(b.vaddr + PAGE_SIZE));
	assert_true(kills(b.vaddr + 2 * PAGE_SIZE - 1));
	assert_true(kills(next.vaddr + PAGE_SIZE));
	give(dev, &b);
	assert_true(kills(b.vaddr));
	assert_true(kills(b.vaddr + PAGE_SIZE - 1));
	give(dev, &next);
}

int dma_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_zero_also_when_used_again),
		cmocka_unit_test(it_is_aligned_to_the_pages_it_takes),
		cmocka_unit_test(the_handle_is_no_pointer_but_leads_to_it),
		cmocka_unit_test(a_fresh_chunk_is_handed_out_ascending),
		cmocka_unit_test(nothing_and_too_much_are_refused),
		cmocka_unit_test(bytes_are_counted_by_the_page_and_device),
		cmocka_unit_test(any_node_will_do),
		cmocka_unit_test(a_wrong_free_warns_and_changes_nothing),
		cmocka_unit_test(what_is_reserved_need_not_be_mapped),
		cmocka_unit_test(threads_get_pages_of_their_own),
		cmocka_unit_test(a_touch_outside_a_block_kills),
	};

	return cmocka_run_group_tests_name("dma", tests, make_device, destroy_device);
}
