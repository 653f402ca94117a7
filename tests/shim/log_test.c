// SPDX-License-Identifier: GPL-2.0-only
/* The kernel log: what printk's formats give, hex dumps, warnings, capture. */
#include <linux/device.h>
#include <stdio.h>

#include "shim_test.h"

static void assert_logged(const char *text)
{
	assert_string_equal(shim_log_text(), text);
	shim_log_release();
	shim_log_capture();
}

static int capture(void **state)
{
	shim_log_capture();
	return 0;
}

static int release(void **state)
{
	shim_log_release();
	return 0;
}

static void the_level_is_not_part_of_the_line(void **state)
{
	pr_err("%s\n", "wrong");
	printk("no level\n");
	assert_logged("wrong\nno level\n");
}

static void every_level_has_its_call(void **state)
{
	pr_emerg("a");
	pr_alert("b");
	pr_crit("c");
	pr_warn("d");
	pr_notice("e");
	pr_info("f");
	pr_warn_ratelimited("h");
	/* Without DEBUG. */
	pr_debug("%d", 1);
	assert_int_equal(printk(KERN_INFO "%s\n", "i"), 2);
	assert_logged("abcdefhi\n");
}

static void what_is_told_once_is_told_once(void **state)
{
	for (int i = 0; i < 3; i++)
		pr_warn_once("%d\n", i);
	assert_logged("0\n");
}

static void a_dma_address_is_printed_as_the_kernel_does(void **state)
{
	dma_addr_t dma = 0x1a2b3c4d5000, none = 0;

	pr_err("%d %pad/%pad %s\n", 1, &dma, &none, "end");
	assert_logged("1 0x00001a2b3c4d5000/0x0000000000000000 end\n");
}

static void a_pointer_is_printed_as_it_is(void **state)
{
	char expected[64];

	snprintf(expected, sizeof(expected), "%p and 7\n", (void *)expected);
	pr_err("%p and %d\n", expected, 7);
	assert_logged(expected);
}

/* Kernels hash, hide or look up what others would print as an address. */
static void what_follows_a_pointers_p_is_no_text(void **state)
{
	phys_addr_t phys = 0x1000;
	char expected[64];

	snprintf(expected, sizeof(expected), "%p, %p/2 0x%016x\n", (void *)expected,
		 (void *)expected, 0x1000);
	pr_err("%pK, %pS/%d %pap\n", expected, expected, 2, &phys);
	assert_logged(expected);
}

/* Up to 5.0. */
static void the_width_of_old_kernels_holds(void **state)
{
	pr_err("%Lx %d\n", 0x123456789abcdef0ULL, 5);
	assert_logged("123456789abcdef0 5\n");
}

static void every_width_takes_its_own_argument(void **state)
{
	size_t big = 0x123456789abcdef0;

	pr_err("%zu %lu %llx %zd %d\n", big, big, (unsigned long long)big,
	       (ssize_t)-1, 5);
	assert_logged("1311768467463790320 1311768467463790320 123456789abcdef0 -1 5\n");
	pr_err("%jd %td %u %c%d\n", (intmax_t)-3000000000, (ptrdiff_t)-3000000000,
	       ~0u, 'c', 6);
	assert_logged("-3000000000 -3000000000 4294967295 c6\n");
}

static void widths_and_flags_hold(void **state)
{
	pr_err("%-6s|%6s|%4u|%-4d|%04x|%2zu|%.2s|%%|%#x|\n", "ab", "cd", 7u, 8, 0xbeu,
	       (size_t)123, "xyz", 16);
	assert_logged("ab    |    cd|   7|8   |00be|123|xy|%|0x10|\n");
}

static void a_device_says_its_name(void **state)
{
	struct device *dev = shim_device_create("0000:00:1f.2", NUMA_NO_NODE);

	dev_err(dev, "%d (bad dma)\n", 3);
	assert_logged("0000:00:1f.2: 3 (bad dma)\n");
	dev_warn(dev, "warn\n");
	dev_info(dev, "info\n");
	dev_dbg(dev, "not without DEBUG\n");
	assert_logged("0000:00:1f.2: warn\n0000:00:1f.2: info\n");
	shim_device_destroy(dev);
}

static void hex_dumps_look_like_the_kernels(void **state)
{
	u8 bytes[19];
	char expected[256];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = 0x3d + 4 * i;
	/* Bytes in 47 columns, filled up with blanks, two more, then the characters. */
	snprintf(expected, sizeof(expected), "%s  %s\n%-57s  %s\n",
		 "00000000: 3d 41 45 49 4d 51 55 59 5d 61 65 69 6d 71 75 79",
		 "=AEIMQUY]aeimquy", "00000010: 7d 81 85", "}..");
	print_hex_dump(KERN_ERR, "", DUMP_PREFIX_OFFSET, 16, 1, bytes, sizeof(bytes),
		       true);
	assert_logged(expected);
	print_hex_dump(KERN_ERR, "> ", DUMP_PREFIX_OFFSET, 16, 1, bytes, 2, false);
	assert_logged("> 00000000: 3d 41\n");
	print_hex_dump(KERN_ERR, "> ", DUMP_PREFIX_NONE, 16, 1, bytes, 2, false);
	assert_logged("> 3d 41\n");
	snprintf(expected, sizeof(expected), "%p: 3d 41\n", (void *)bytes);
	print_hex_dump(KERN_ERR, "", DUMP_PREFIX_ADDRESS, 16, 1, bytes, 2, false);
	assert_logged(expected);
}

static void a_warning_is_counted_logged_and_gives_its_condition(void **state)
{
	unsigned int before = shim_warnings();
	int evaluated = 0;

	assert_false(WARN_ON(evaluated++ == 1));
	assert_int_equal(shim_warnings(), before);
	assert_true(WARN_ON(evaluated++ == 1));
	assert_int_equal(evaluated, 2);
	assert_int_equal(shim_warnings(), before + 1);
	assert_non_null(strstr(shim_log_text(), "WARNING: "));
	assert_non_null(strstr(shim_log_text(), "log_test.c:"));
	assert_non_null(strstr(shim_log_text(), ": evaluated++ == 1\n"));
}

static void a_warning_can_have_a_message(void **state)
{
	unsigned int before = shim_warnings();

	assert_false(WARN(before == ~0u, "no\n"));
	assert_true(WARN(before != ~0u, "%d blocks\n", 7));
	assert_int_equal(shim_warnings(), before + 1);
	assert_int_equal(strncmp(shim_log_text(), "7 blocks\nWARNING: ", 18), 0);
}

static void a_warning_once_still_gives_its_condition(void **state)
{
	unsigned int before = shim_warnings();

	for (int i = 0; i < 4; i++) {
		assert_int_equal(WARN_ON_ONCE(i > 1), i > 1);
		assert_int_equal(WARN_ONCE(i > 2, "%d\n", i), i > 2);
	}
	assert_int_equal(shim_warnings(), before + 2);
	assert_non_null(strstr(shim_log_text(), "3\nWARNING: "));
}

static void the_text_is_there_while_more_is_written(void **state)
{
	pr_err("one\n");
	assert_string_equal(shim_log_text(), "one\n");
	pr_err("two\n");
	assert_string_equal(shim_log_text(), "one\ntwo\n");
}

static void say(void *arg)
{
	for (int i = 0; i < 100; i++)
		pr_err("%s\n", (char *)arg);
}

static void lines_of_several_threads_stay_whole(void **state)
{
	struct cpu_thread cpus[2];
	char text[2 * 100 * strlen("aaaa\n") + 1];
	size_t lines = 0;

	cpu_start(&cpus[0], say, "aaaa");
	cpu_start(&cpus[1], say, "bbbb");
	cpu_join(&cpus[0]);
	cpu_join(&cpus[1]);
	assert_int_equal(strlen(shim_log_text()), sizeof(text) - 1);
	strcpy(text, shim_log_text());
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"), lines++)
		assert_true(!strcmp(line, "aaaa") || !strcmp(line, "bbbb"));
	assert_int_equal(lines, 200);
}

#define captured(test)	cmocka_unit_test_setup_teardown(test, capture, release)

int log_tests(void)
{
	const struct CMUnitTest tests[] = {
		captured(the_level_is_not_part_of_the_line),
		captured(every_level_has_its_call),
		captured(what_is_told_once_is_told_once),
		captured(a_dma_address_is_printed_as_the_kernel_does),
		captured(a_pointer_is_printed_as_it_is),
		captured(what_follows_a_pointers_p_is_no_text),
		captured(the_width_of_old_kernels_holds),
		captured(every_width_takes_its_own_argument),
		captured(widths_and_flags_hold),
		captured(a_device_says_its_name),
		captured(hex_dumps_look_like_the_kernels),
		captured(a_warning_is_counted_logged_and_gives_its_condition),
		captured(a_warning_can_have_a_message),
		captured(a_warning_once_still_gives_its_condition),
		captured(the_text_is_there_while_more_is_written),
		captured(lines_of_several_threads_stay_whole),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
