// SPDX-License-Identifier: GPL-2.0-only
/* Histograms and series as JSON, by jansson. */
#include "raw.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct raw_file {
	json_t *histograms, *series;
};

void raw_row_clear(struct raw_row *row)
{
	for (int i = 0; i < RAW_PHASES; i++) {
		free(row->hist[i]);
		row->hist[i] = NULL;
	}
	row->nr_samples = 0;
}

void raw_row_free(struct raw_row *row)
{
	raw_row_clear(row);
	free(row->sample);
}

void raw_row_histogram(struct raw_row *row, enum raw_phase phase,
		       const struct wl_hist *hist)
{
	row->hist[phase] = malloc(sizeof(*hist));
	if (row->hist[phase])
		memcpy(row->hist[phase], hist, sizeof(*hist));
}

void raw_row_sample(struct raw_row *row, u64 ops, const size_t figure[WL_SAMPLED])
{
	struct raw_sample *sample;

	if (!ops)
		row->nr_samples = 0;
	if (row->nr_samples == row->room) {
		size_t room = row->room ? 2 * row->room : 64;
		struct raw_sample *grown = realloc(row->sample, room * sizeof(*grown));

		if (!grown)
			return;
		row->sample = grown;
		row->room = room;
	}
	sample = &row->sample[row->nr_samples++];
	sample->ops = ops;
	memcpy(sample->figure, figure, sizeof(sample->figure));
}

struct raw_file *raw_file_create(void)
{
	struct raw_file *file = malloc(sizeof(*file));

	if (file) {
		file->histograms = json_array();
		file->series = json_array();
	}
	return file;
}

static json_t *nonzero_counts(const struct wl_hist *hist)
{
	json_t *counts = json_array();

	for (unsigned int i = 0; i < HIST_BUCKETS; i++)
		if (hist->count[i])
			json_array_append_new(counts, json_pack("[iI]", i,
				(json_int_t)hist->count[i]));
	return counts;
}

static json_t *points(const struct raw_row *row)
{
	json_t *all = json_array();

	for (size_t i = 0; i < row->nr_samples; i++) {
		const struct raw_sample *s = &row->sample[i];

		json_array_append_new(all, json_pack("[IIIII]", (json_int_t)s->ops,
			(json_int_t)s->figure[WL_PAGES_HELD],
			(json_int_t)s->figure[WL_PAGES_OCCUPIED],
			(json_int_t)s->figure[WL_PAGES_IDEAL],
			(json_int_t)s->figure[WL_BYTES_STRANDED]));
	}
	return all;
}

void raw_file_add(struct raw_file *file, const struct raw_row *row)
{
	static const char *const phases[RAW_PHASES] = { "steady", "growth" };

	for (int i = 0; i < RAW_PHASES; i++)
		if (row->hist[i])
			json_array_append_new(file->histograms,
				json_pack("{ss si ss ss ss so}", "name", row->name,
					  "subbucket_bits", HIST_BITS, "unit", "ps",
					  "phase", phases[i], "op", row->op,
					  "counts", nonzero_counts(row->hist[i])));
	if (row->nr_samples)
		json_array_append_new(file->series,
			json_pack("{ss s[sssss] so}", "name", row->name, "columns", "ops",
				  "pages_held", "pages_occupied", "pages_ideal",
				  "bytes_stranded", "points", points(row)));
}

int raw_file_write(struct raw_file *file, const char *path)
{
	json_t *root = json_pack("{ss so so}", "schema", "dmapool-bench-raw/1",
				 "histograms", file->histograms, "series", file->series);
	char tmp[4096];
	int err = 0;

	if (snprintf(tmp, sizeof(tmp), "%s.tmp", path) >= (int)sizeof(tmp))
		err = -ENAMETOOLONG;
	errno = EIO;
	if (!err && (json_dump_file(root, tmp, JSON_COMPACT) || rename(tmp, path))) {
		err = -errno;
		unlink(tmp);
	}
	json_decref(root);
	free(file);
	return err;
}
