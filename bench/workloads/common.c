// SPDX-License-Identifier: GPL-2.0-only
/* What several workloads do: pools for the CPUs, shuffles, pages counted, row names. */
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "workload.h"

int wl_create_pools(struct wl_run *run, bool shared, size_t size, size_t align,
		    size_t boundary)
{
	unsigned int i;

	for (i = 0; i < run->threads; i++) {
		struct wl_cpu *cpu = &run->cpus[i];

		if (shared && i)
			cpu->pool = run->cpus[0].pool;
		else
			cpu->pool = dma_pool_create("bench", run->dev, size, align,
						    boundary);
		if (!cpu->pool)
			return -ENOMEM;
	}
	return 0;
}

void wl_destroy_pools(struct wl_run *run)
{
	struct dma_pool *first = run->cpus[0].pool;
	unsigned int i;

	for (i = 0; i < run->threads; i++) {
		if (!i || run->cpus[i].pool != first)
			dma_pool_destroy(run->cpus[i].pool);
		run->cpus[i].pool = NULL;
	}
}

int wl_alloc_data(struct wl_run *run, size_t bytes)
{
	unsigned int i;

	for (i = 0; i < run->threads; i++) {
		run->cpus[i].data = kvcalloc(1, bytes, GFP_KERNEL);
		if (!run->cpus[i].data)
			return -ENOMEM;
	}
	return 0;
}

void wl_free_data(struct wl_run *run)
{
	unsigned int i;

	for (i = 0; i < run->threads; i++) {
		kvfree(run->cpus[i].data);
		run->cpus[i].data = NULL;
	}
}

void wl_permute(unsigned int *order, unsigned int n, u64 *rng)
{
	unsigned int i, j;

	for (i = 0; i < n; i++) {
		j = rng_below(rng, i + 1);
		order[i] = order[j];
		order[j] = i;
	}
}

/* The unsigned number that ends at *end, which moves before it and its blanks. */
static size_t number_before(const char *line, const char **end)
{
	size_t value = 0, place = 1;
	const char *p = *end;

	while (p > line && p[-1] == ' ')
		p--;
	while (p > line && p[-1] >= '0' && p[-1] <= '9') {
		value += place * (*--p - '0');
		place *= 10;
	}
	*end = p;
	return value;
}

/* A line is name, blocks in use, blocks, size, pages; the name may have blanks. */
static void add_line(const char *line, const char *end, struct wl_usage *usage)
{
	usage->pages += number_before(line, &end);
	number_before(line, &end);
	usage->blocks += number_before(line, &end);
	usage->active += number_before(line, &end);
}

int wl_usage(struct device *dev, struct wl_usage *usage)
{
	char *buf = kmalloc(PAGE_SIZE, GFP_KERNEL);
	char *line, *end;
	ssize_t len;

	memset(usage, 0, sizeof(*usage));
	if (!buf)
		return -ENOMEM;
	len = wl_env_pools_file(dev, buf);
	if (len > 0) {
		line = memchr(buf, '\n', len);
		for (; line && (end = memchr(line + 1, '\n', buf + len - line - 1));
		     line = end)
			add_line(line + 1, end, usage);
	}
	kfree(buf);
	return len < 0 ? len : 0;
}

/*
 * How many pages these addresses lie in: a set of page frames, open addressing, at
 * most half full.
 */
static long count_frames(const struct dma_pool_block *blocks, size_t nr, size_t live)
{
	size_t mask = (1UL << fls64(2 * live + 1)) - 1, i, at;
	u64 *set, frame;
	long frames = 0;

	set = kvcalloc(mask + 1, sizeof(*set), GFP_KERNEL);
	if (!set)
		return -ENOMEM;
	for (i = 0; i < nr; i++) {
		if (!blocks[i].vaddr)
			continue;
		frame = (blocks[i].dma >> PAGE_SHIFT) + 1;
		for (at = frame & mask; set[at] && set[at] != frame; at = (at + 1) & mask)
			;
		frames += !set[at];
		set[at] = frame;
	}
	kvfree(set);
	return frames;
}

int wl_measure_pages(struct wl_run *run, struct dma_pool *pool, size_t size,
		     const struct dma_pool_block *blocks, size_t nr)
{
	size_t live = 0, per_page = PAGE_SIZE / size, i;
	struct wl_usage usage;
	long occupied;
	int err;

	for (i = 0; i < nr; i++)
		live += !!blocks[i].vaddr;
	err = wl_usage(run->dev, &usage);
	if (err)
		return err;
	occupied = count_frames(blocks, nr, live);
	if (occupied < 0)
		return occupied;
	run->figure[WL_PAGES_HELD] = usage.pages;
	run->figure[WL_PAGES_OCCUPIED] = occupied;
	run->figure[WL_PAGES_IDEAL] = DIV_ROUND_UP(live, per_page);
	run->figure[WL_BYTES_STRANDED] = dma_pool_bytes_stranded(pool);
	run->have |= (1u << WL_SAMPLED) - 1;
	return 0;
}

int wl_measure_trim(struct wl_run *run, struct dma_pool *pool)
{
	struct wl_usage usage;
	u64 start, ticks;
	int err;

	start = wl_clock();
	dma_pool_trim(pool);
	ticks = wl_clock() - start;
	err = wl_usage(run->dev, &usage);
	if (err)
		return err;
	run->figure[WL_PAGES_HELD_AFTER_TRIM] = usage.pages;
	run->figure[WL_BYTES_STRANDED_AFTER_TRIM] = dma_pool_bytes_stranded(pool);
	run->figure[WL_TRIM_NS] = div64_u64(wl_env_ps(ticks), 1000);
	run->have |= (1u << WL_FIGURES) - (1u << WL_SAMPLED);
	return 0;
}

static const char *const patterns[] = { NULL, "nvme", "ehci", "nic", "mpt3sas" };
static const char *const orders[] = { NULL, "lifo", "fifo", "random" };
static const char *const phases[] = { NULL, "down", "mixed", "churn2", "churn10" };
static const char *const ops[] = { NULL, "alloc", "free" };

void wl_row_name(char *buf, size_t len, const char *family, const char *variant,
		 const struct wl_row *row)
{
	size_t at = scnprintf(buf, len, "%s/%s", family, variant);

	if (row->pattern)
		at += scnprintf(buf + at, len - at, "/pattern:%s",
				patterns[row->pattern]);
	if (row->size)
		at += scnprintf(buf + at, len - at, "/size:%u", row->size);
	if (row->align)
		at += scnprintf(buf + at, len - at, "/align:%u/boundary:%u", row->align,
				row->boundary);
	if (row->blocks)
		at += scnprintf(buf + at, len - at, "/blocks:%u", row->blocks);
	if (row->hold)
		at += scnprintf(buf + at, len - at, "/hold:%u", row->hold);
	if (row->order)
		at += scnprintf(buf + at, len - at, "/order:%s", orders[row->order]);
	if (row->phase)
		at += scnprintf(buf + at, len - at, "/phase:%s", phases[row->phase]);
	if (row->op)
		at += scnprintf(buf + at, len - at, "/op:%s", ops[row->op]);
	if (row->shared)
		at += scnprintf(buf + at, len - at, "/shared:%d",
				row->shared == WL_SHARED);
}
