// SPDX-License-Identifier: GPL-2.0-only
/* Tests of the raw data's file: what is in it, and that it is whole or not there. */
#include "bench/raw.h"

#include <errno.h>
#include <jansson.h>

#include "harness.h"

static struct raw_row row;
static char dir[] = "/tmp/engine_test.XXXXXX";
static char path[64];

static int make_dir(void **state)
{
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/raw.json", dir);
	return 0;
}

static int remove_dir(void **state)
{
	unlink(path);
	return rmdir(dir);
}

static int fresh_row(void **state)
{
	row = (struct raw_row) { .name = "latency/v/size:64/op:free/threads:2",
				 .op = "free" };
	return 0;
}

static int free_row(void **state)
{
	raw_row_free(&row);
	return 0;
}

static json_t *write_and_read(void)
{
	struct raw_file *file = raw_file_create();
	json_t *root;

	raw_file_add(file, &row);
	assert_int_equal(raw_file_write(file, path), 0);
	root = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	return root;
}

/* As text; the same keys in the same order however they were written. */
static void assert_json(json_t *root, const char *expected)
{
	char *text = json_dumps(root, JSON_COMPACT | JSON_SORT_KEYS);

	assert_string_equal(text, expected);
	free(text);
	json_decref(root);
}

static void test_row_without_data(void **state)
{
	assert_json(write_and_read(), "{\"histograms\":[],\"schema\":"
		    "\"dmapool-bench-raw/1\",\"series\":[]}");
}

static void test_histograms(void **state)
{
	static struct wl_hist hist;

	hist_add(&hist, 5);
	hist_add(&hist, 5);
	hist_add(&hist, 300);
	raw_row_histogram(&row, RAW_STEADY, &hist);
	memset(&hist, 0, sizeof(hist));
	/* more than an int's */
	hist.count[HIST_BUCKETS - 1] = 4000000000u;
	raw_row_histogram(&row, RAW_GROWTH, &hist);
	assert_json(write_and_read(), "{\"histograms\":["
		    "{\"counts\":[[5,2],[203,1]],"
		    "\"name\":\"latency/v/size:64/op:free/threads:2\",\"op\":\"free\","
		    "\"phase\":\"steady\",\"subbucket_bits\":7,\"unit\":\"ps\"},"
		    "{\"counts\":[[2239,4000000000]],"
		    "\"name\":\"latency/v/size:64/op:free/threads:2\",\"op\":\"free\","
		    "\"phase\":\"growth\",\"subbucket_bits\":7,\"unit\":\"ps\"}],"
		    "\"schema\":\"dmapool-bench-raw/1\",\"series\":[]}");
	raw_row_clear(&row);
	test_row_without_data(state);
}

static void add_samples(size_t nr)
{
	size_t figure[WL_FIGURES] = { 30, 20, 10, 4096 }, i;

	for (i = 0; i < nr; i++) {
		figure[WL_PAGES_HELD] = 30 + i;
		raw_row_sample(&row, i * 100, figure);
	}
}

/* A pass starts anew at 0 operations: the last one stays. */
static void test_series(void **state)
{
	add_samples(10);
	add_samples(2);
	assert_json(write_and_read(), "{\"histograms\":[],\"schema\":"
		    "\"dmapool-bench-raw/1\",\"series\":[{\"columns\":[\"ops\","
		    "\"pages_held\",\"pages_occupied\",\"pages_ideal\","
		    "\"bytes_stranded\"],"
		    "\"name\":\"latency/v/size:64/op:free/threads:2\","
		    "\"points\":[[0,30,20,10,4096],[100,31,20,10,4096]]}]}");
}

static void test_long_series(void **state)
{
	json_t *root, *points;

	add_samples(1000);
	root = write_and_read();
	points = json_object_get(json_array_get(json_object_get(root, "series"), 0),
				 "points");
	assert_int_equal(json_array_size(points), 1000);
	assert_int_equal(json_integer_value(json_array_get(json_array_get(points, 999),
							   1)), 1029);
	json_decref(root);
}

static int write_to(const char *where)
{
	struct raw_file *file = raw_file_create();

	raw_file_add(file, &row);
	return raw_file_write(file, where);
}

/* Nothing half-written stays, and what was there does. */
static void test_file_cannot_be_written(void **state)
{
	char where[8192], tmp[128];

	snprintf(where, sizeof(where), "%s/none/raw.json", dir);
	assert_int_equal(write_to(where), -ENOENT);
	memset(where, 'x', sizeof(where) - 1);
	where[sizeof(where) - 1] = '\0';
	assert_int_equal(write_to(where), -ENAMETOOLONG);

	/* a directory cannot be replaced by a file */
	assert_true(write_to(dir) < 0);
	snprintf(tmp, sizeof(tmp), "%s.tmp", dir);
	assert_int_equal(access(tmp, F_OK), -1);

	/* the disk is full */
	snprintf(tmp, sizeof(tmp), "%s.tmp", path);
	assert_int_equal(write_to(path), 0);
	assert_int_equal(symlink("/dev/full", tmp), 0);
	add_samples(10000);
	assert_true(write_to(path) < 0);
	assert_int_equal(access(tmp, F_OK), -1);
	assert_json(json_load_file(path, 0, NULL), "{\"histograms\":[],\"schema\":"
		    "\"dmapool-bench-raw/1\",\"series\":[]}");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fresh_row, free_row)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_row_without_data),
		TEST(test_histograms),
		TEST(test_series),
		TEST(test_long_series),
		TEST(test_file_cannot_be_written),
	};

	return cmocka_run_group_tests_name("raw data", tests, make_dir, remove_dir);
}
