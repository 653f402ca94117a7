// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every quick row of every family on every pool this program is linked with: it works,
 * gives the figures it promises, reports a failing allocation wherever it strikes, and
 * leaves nothing behind.  Pools that can check themselves run a second time so: a
 * block freed twice or wrongly would show there.
 */
#include "env.h"

#include <linux/mm.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "shim/shim.h"

/* Far beyond any test's time on a busy machine: it hangs. */
#define TEST_SECONDS	120

/* What page_chain's walks allow under sanitizers. */
/* percpu_magazine's bound for one CPU: its two magazines and the depot's 32. */
#define MOST_STRANDED	((2 + 32) * 8192)

#define MOST_BLOCKS	5000

/* A checked pool looks at every byte; rows with longer quanta are not checked. */
#define MOST_CHECKED_BYTES (16 << 20)

#define MANY_OPS	100000

#ifdef __SANITIZE_THREAD__
#define UNDER_TSAN	true
#else
#define UNDER_TSAN	false
#endif

#define SEED		7
#define CELLS		512

extern const struct wl_variant *const __start_wl_variants[], *const __stop_wl_variants[];

struct cell {
	const struct wl_variant *variant;
	const struct workload *workload;
	struct wl_row row;
	unsigned int threads;
	bool checked;
	char name[WL_NAME_LEN + 32];
};

static struct cell cells[CELLS];
static size_t nr_cells;

static struct device *dev;
static struct env env;
static long kmalloc_before;
static unsigned int warnings_before;

static int begin(void **state)
{
	const struct cell *cell = *state;

	warnings_before = shim_warnings();
	kmalloc_before = shim_kmalloc_outstanding();
	dev = shim_device_create("dev0", -1);
	cell->variant->set_debug(cell->checked);
	shim_log_capture();
	alarm(TEST_SECONDS);
	return 0;
}

/* Also mends what a test that failed has left behind. */
static int end(void **state)
{
	const struct cell *cell = *state;

	alarm(0);
	shim_fail_nth(0);
	shim_log_release();
	cell->variant->set_debug(false);
	return 0;
}

static bool shares_block(const struct cell *cell)
{
	return !strcmp(cell->variant->name, "null");
}

static void init(const struct cell *cell, u64 seed)
{
	env_init(&env, cell->workload, &cell->row, cell->threads, seed, dev);
}

static void assert_nothing_left(void)
{
	char buf[PAGE_SIZE];
	unsigned int i;

	assert_int_equal(shim_device_read(dev, "pools", buf), -ENOENT);
	assert_int_equal(shim_dma_outstanding(dev), 0);
	assert_int_equal(shim_kmalloc_outstanding(), kmalloc_before);
	assert_int_equal(shim_warnings(), warnings_before);
	assert_string_equal(shim_log_text(), "");
	for (i = 0; i < env.run.threads; i++) {
		assert_null(env.cpus[i].pool);
		assert_null(env.cpus[i].data);
		assert_null(env.cpus[i].steady);
		assert_null(env.cpus[i].aside);
		assert_null(env.cpus[i].growth);
	}
	for (i = 0; i < WL_POOLS; i++)
		assert_null(env.run.pools[i]);
}

static void tear_down(const struct cell *cell)
{
	cell->workload->teardown(&env.run);
	assert_nothing_left();
}

/* The blocks in use, by the pools file. */
static size_t blocks_out(void)
{
	char buf[PAGE_SIZE], *line;
	size_t sum = 0, active;

	assert_true(shim_device_read(dev, "pools", buf) > 0);
	for (line = strchr(buf, '\n') + 1; *line; line = strchr(line, '\n') + 1) {
		assert_int_equal(sscanf(line, "%*s %zu", &active), 1);
		sum += active;
	}
	return sum;
}

/* Between quanta a family holds what it is said to. */
static size_t should_be_out(const struct cell *cell)
{
	static const size_t of_pattern[] = {
		[WL_NVME] = 1024, [WL_EHCI] = 64 * 4, [WL_NIC] = 512, [WL_MPT3SAS] = 0,
	};

	if (shares_block(cell))
		return 0;
	if (cell->row.pattern == WL_NVME)
		return of_pattern[WL_NVME] * cell->threads;
	if (cell->row.pattern)
		return of_pattern[cell->row.pattern];
	return cell->row.op ? 256 * cell->threads : 0;
}

/* frag's is a matter of chance, of the order of a tenth. */
static void assert_out(const struct cell *cell)
{
	if (!cell->row.phase)
		assert_int_equal(blocks_out(), should_be_out(cell));
	else if (!shares_block(cell))
		assert_in_range(blocks_out(), cell->row.blocks / 50,
				cell->row.blocks / 2);
}

/* The kernel's line, but for its last number, the microseconds. */
static const struct {
	unsigned int size;
	const char *text;
} labels[] = {
	{ 16, "dmapool test: size:16   align:16   blocks:8192 time:" },
	{ 64, "dmapool test: size:64   align:64   blocks:8192 time:" },
	{ 256, "dmapool test: size:256  align:256  blocks:8192 time:" },
	{ 1024, "dmapool test: size:1024 align:1024 blocks:2048 time:" },
	{ 4096, "dmapool test: size:4096 align:4096 blocks:1024 time:" },
	{ 68, "dmapool test: size:68   align:32   blocks:8192 time:" },
};

static void look_at_label(const struct cell *cell, u64 ticks, unsigned int quanta)
{
	unsigned long long time;
	const char *text = NULL;
	size_t i, len;
	char rest;

	for (i = 0; i < ARRAY_SIZE(labels); i++)
		if (labels[i].size == cell->row.size)
			text = labels[i].text;
	assert_non_null(text);
	len = strlen(text);
	assert_memory_equal(env.run.label, text, len);
	assert_int_equal(sscanf(env.run.label + len, "%llu%c", &time, &rest), 1);
	assert_in_range(time, 1, wl_env_ps(ticks) / 1000000);
}

static void look_at_histograms(const struct cell *cell, u64 ticks, unsigned int quanta)
{
	u64 ops = quanta * cell->workload->quantum(&env.run);
	unsigned int i, j;

	for (i = 0; i < cell->threads; i++) {
		const struct wl_hist *hist = env.cpus[i].steady;
		u64 sum = 0;

		assert_non_null(hist);
		for (j = 0; j < HIST_BUCKETS; j++)
			sum += hist->count[j];
		assert_int_equal(sum, ops);
		assert_int_equal(hist->total, ops);
		assert_in_range(hist->max, hist->sum / ops, hist->sum);
		assert_true(!env.cpus[i].growth == (i > 0));
	}
	assert_int_equal(env.cpus[0].growth->total, 16384);
	assert_in_range(env.cpus[0].growth->sum, 1, ~0ULL);
}

static bool has_caches(const struct cell *cell)
{
	return !strcmp(cell->variant->name, "percpu_magazine");
}

static void assert_figures(const struct cell *cell, const size_t *figure)
{
	if (!shares_block(cell)) {
		assert_in_range(figure[WL_PAGES_OCCUPIED], figure[WL_PAGES_IDEAL],
				figure[WL_PAGES_HELD]);
		assert_true(figure[WL_PAGES_IDEAL] > 0);
	}
	assert_in_range(figure[WL_BYTES_STRANDED], 0,
			has_caches(cell) ? MOST_STRANDED : 0);
}

/* One pass's samples: from the peak at 0 operations to the row's end. */
static void look_at_pass(const struct cell *cell, const struct env_sample *sample,
			 unsigned int nr)
{
	size_t ideal = DIV_ROUND_UP(cell->row.blocks, PAGE_SIZE / cell->row.size);
	unsigned int i;

	assert_int_equal(sample[0].ops, 0);
	assert_int_equal(sample[0].figure[WL_PAGES_IDEAL], ideal);
	for (i = 0; i < nr; i++) {
		assert_figures(cell, sample[i].figure);
		if (i)
			assert_true(sample[i].ops > sample[i - 1].ops);
	}
	assert_true(sample[nr - 1].figure[WL_PAGES_IDEAL] < ideal / 2);
	assert_memory_equal(sample[nr - 1].figure, env.run.figure,
			    sizeof(sample[nr - 1].figure));
}

/* Only what has caches gives anything back, and then all but what live blocks keep. */
static void look_at_trim(const struct cell *cell)
{
	const size_t *figure = env.run.figure;

	assert_int_equal(figure[WL_PAGES_HELD_AFTER_TRIM],
			 figure[has_caches(cell) ? WL_PAGES_OCCUPIED : WL_PAGES_HELD]);
	assert_int_equal(figure[WL_BYTES_STRANDED_AFTER_TRIM], 0);
}

/* Every pass does the same, whatever the pages' addresses. */
static void look_at_series(const struct cell *cell, u64 ticks, unsigned int quanta)
{
	unsigned int nr = env.nr_samples / quanta, i;

	assert_int_equal(env.run.have, (1u << WL_FIGURES) - 1);
	assert_int_equal(env.nr_samples, nr * quanta);
	assert_in_range(nr, 17, 33);
	look_at_pass(cell, env.sample, nr);
	for (i = 1; i < quanta; i++)
		assert_memory_equal(env.sample + i * nr, env.sample,
				    nr * sizeof(env.sample[0]));
	look_at_trim(cell);
}

/* What families measure beyond time; the others measure nothing. */
static const struct {
	const char *family;
	void (*look)(const struct cell *cell, u64 ticks, unsigned int quanta);
} looks[] = {
	{ "dmapool_test", look_at_label },
	{ "latency", look_at_histograms },
	{ "frag", look_at_series },
};

static void look(const struct cell *cell, u64 ticks, unsigned int quanta)
{
	bool label = false, histograms = false, figures = false;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(looks); i++) {
		if (strcmp(looks[i].family, cell->workload->family))
			continue;
		looks[i].look(cell, ticks, quanta);
		label = looks[i].look == look_at_label;
		histograms = looks[i].look == look_at_histograms;
		figures = looks[i].look == look_at_series;
	}
	assert_true(label == !!env.run.label[0]);
	assert_true(histograms == !!env.cpus[0].steady);
	assert_true(figures == !!env.run.have);
	assert_true(figures == !!env.nr_samples);
}

static void test_works(void **state)
{
	const struct cell *cell = *state;
	unsigned int quanta;
	u64 ticks;

	init(cell, SEED);
	quanta = cell->workload->quantum(&env.run) > MANY_OPS ? 1 : 3;
	assert_int_equal(cell->workload->setup(&env.run), 0);
	ticks = wl_clock();
	assert_int_equal(env_work(&env, quanta), 0);
	ticks = wl_clock() - ticks;
	assert_out(cell);
	if (cell->workload->report)
		cell->workload->report(&env.run);
	look(cell, ticks, quanta);
	tear_down(cell);
	assert_int_equal(shim_device_destroy(dev), 0);
}

/* Every one at first, then with growing steps: the last blocks' failures are alike. */
static unsigned int next_to_fail(unsigned int n, unsigned int every)
{
	return n < every ? n + 1 : n + n / 2;
}

/*
 * A call that failed is -ENOMEM for the workload, but where the pool can do without:
 * a magazine that cannot be had makes it slower, not smaller.
 */
static void assert_told(const struct cell *cell, int err, bool struck)
{
	if (struck && !err && has_caches(cell))
		return;
	assert_int_equal(err, struck ? -ENOMEM : 0);
}

/* n from 1 until nothing strikes any more: failing as it should, and no leak. */
static void test_setup_fails(void **state)
{
	const struct cell *cell = *state;
	unsigned int n, left = 0;
	int err;

	for (n = 1; !left; n = next_to_fail(n, 60)) {
		init(cell, SEED);
		shim_fail_nth(n);
		err = cell->workload->setup(&env.run);
		left = shim_fail_nth(0);
		assert_told(cell, err, !left);
		tear_down(cell);
	}
	assert_true(n > 2);
	shim_device_destroy(dev);
}

static void test_work_fails(void **state)
{
	const struct cell *cell = *state;
	unsigned int n, left = 0;
	int err;

	for (n = 1; !left && n < MOST_BLOCKS; n = next_to_fail(n, 20)) {
		init(cell, SEED);
		assert_int_equal(cell->workload->setup(&env.run), 0);
		shim_fail_nth(n);
		err = env_work(&env, 1);
		left = shim_fail_nth(0);
		assert_told(cell, err, !left);
		assert_int_equal(env.cpus[0].error, err);
		tear_down(cell);
	}
	shim_device_destroy(dev);
}

/* The series of one pass, and how long it is. */
static unsigned int run_series(const struct cell *cell, u64 seed,
			       struct env_sample *series)
{
	init(cell, seed);
	assert_int_equal(cell->workload->setup(&env.run), 0);
	assert_int_equal(env_work(&env, 1), 0);
	memcpy(series, env.sample, sizeof(env.sample));
	tear_down(cell);
	return env.nr_samples;
}

static void test_seed_decides(void **state)
{
	static struct env_sample one[ENV_SAMPLES], same[ENV_SAMPLES], other[ENV_SAMPLES];
	const struct cell *cell = *state;
	unsigned int nr = run_series(cell, SEED, one);

	assert_int_equal(run_series(cell, SEED, same), nr);
	assert_memory_equal(same, one, nr * sizeof(one[0]));
	assert_int_equal(run_series(cell, SEED + 1, other), nr);
	assert_memory_not_equal(other, one, nr * sizeof(one[0]));
	shim_device_destroy(dev);
}

/* ---- which cells there are ---- */

static void add_cell(const struct wl_variant *variant, const struct workload *workload,
		     const struct wl_row *row, unsigned int threads)
{
	struct cell *cell = &cells[nr_cells++];
	size_t len;

	assert_true(nr_cells <= CELLS);
	*cell = (struct cell) {
		.variant = variant, .workload = workload, .row = *row,
		.threads = threads,
	};
	cell->row.blocks = min(row->blocks, (unsigned int)MOST_BLOCKS);
	variant->row_name(cell->name, WL_NAME_LEN, workload->family, variant->name,
			  &cell->row);
	len = strlen(cell->name);
	snprintf(cell->name + len, sizeof(cell->name) - len, "/threads:%u", threads);
}

/* On one CPU and on two, but where ThreadSanitizer would have nothing to see. */
static void add_row(const struct wl_variant *variant, const struct workload *workload,
		    const struct wl_row *row)
{
	if (row->full)
		return;
	if (workload->cpus_per_op != 2 && !UNDER_TSAN)
		add_cell(variant, workload, row, 1);
	if (workload->cpus_per_op == 2 || row->many)
		add_cell(variant, workload, row, 2);
}

static void add_variant(const struct wl_variant *variant)
{
	const struct workload *const *workload;
	unsigned int i;

	for (workload = variant->families; *workload; workload++)
		for (i = 0; i < (*workload)->nr_rows; i++)
			add_row(variant, *workload, &(*workload)->rows[i]);
}

/* The same once more, as far as checks do not take too long. */
static void add_checked(const struct wl_variant *variant)
{
	size_t nr = nr_cells, i;

	if (!variant->set_debug(true))
		return;
	variant->set_debug(false);
	for (i = 0; i < nr; i++) {
		struct cell *cell = &cells[nr_cells];
		struct wl_run run = { .row = &cells[i].row, .threads = 1 };

		if (cells[i].variant != variant || cells[i].workload->quantum(&run) *
		    cells[i].row.size > MOST_CHECKED_BYTES)
			continue;
		assert_true(++nr_cells <= CELLS);
		*cell = cells[i];
		cell->checked = true;
		strcat(cell->name, " (checked)");
	}
}

static bool any(const struct cell *cell)
{
	return true;
}

/* Where rows differ by more than sizes; elsewhere a family's first will do. */
static bool of_its_kind(const struct cell *cell)
{
	const struct wl_row *row = &cell->row;

	return !cell->checked && (row->pattern || row->phase || row->op || row->shared ||
				  row->size == cell->workload->rows[0].size);
}

/* down's end is known beforehand. */
static bool chance_decides(const struct cell *cell)
{
	return !cell->checked && cell->row.phase > WL_DOWN && !shares_block(cell);
}

static int run_group(const char *name, void (*test)(void **state),
		     bool (*chosen)(const struct cell *cell))
{
	struct CMUnitTest units[CELLS];
	size_t nr = 0, i;

	for (i = 0; i < nr_cells; i++)
		if (chosen(&cells[i]))
			units[nr++] = (struct CMUnitTest) {
				cells[i].name, test, begin, end, &cells[i]
			};
	return _cmocka_run_group_tests(name, units, nr, NULL, NULL);
}

int main(void)
{
	const struct wl_variant *const *variant;
	int failed;

	shim_cpu_up();
	for (variant = __start_wl_variants; variant < __stop_wl_variants; variant++) {
		add_variant(*variant);
		add_checked(*variant);
	}
	failed = run_group("works", test_works, any);
	failed += run_group("seed decides", test_seed_decides, chance_decides);
	failed += run_group("setup fails", test_setup_fails, of_its_kind);
	failed += run_group("work fails", test_work_fails, of_its_kind);
	return failed ? 1 : 0;
}
