// SPDX-License-Identifier: GPL-2.0-only
/* The list of results, and its JSON: rows as Google Benchmark writes them. */
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "facts.h"
#include "json.h"
#include "results.h"

static const char *const counter_names[COUNTERS] = {
	[NS_PER_OP] = "ns_per_op", [OPS_PER_S] = "ops_per_s",
	[FASTEST_CPU_NS] = "fastest_cpu_ns", [SLOWEST_CPU_NS] = "slowest_cpu_ns",
	[INSTRUCTIONS_PER_OP] = "instructions_per_op",
	[P50_NS] = "p50_ns", [P90_NS] = "p90_ns", [P99_NS] = "p99_ns",
	[P999_NS] = "p999_ns", [P9999_NS] = "p9999_ns", [MAX_NS] = "max_ns",
	[CLOCK_NS] = "clock_ns",
	[PAGES_HELD] = "pages_held", [PAGES_OCCUPIED] = "pages_occupied",
	[PAGES_IDEAL] = "pages_ideal", [BYTES_STRANDED] = "bytes_stranded",
	[PAGES_HELD_AFTER_TRIM] = "pages_held_after_trim",
	[BYTES_STRANDED_AFTER_TRIM] = "bytes_stranded_after_trim",
	[TRIM_NS] = "trim_ns",
	[PINGPONG_NS] = "pingpong_ns", [CONTEXT_SWITCHES] = "context_switches",
};

static LIST_HEAD(results);
static DEFINE_MUTEX(results_lock);	/* of the list */

struct result *result_create(const struct planned *row)
{
	struct result *result = kzalloc(sizeof(*result), GFP_KERNEL);

	if (!result)
		return NULL;
	strscpy(result->name, row->name, sizeof(result->name));
	result->family_index = row->family_index;
	result->instance_index = row->instance_index;
	result->threads = row->threads;
	result->op = row->row->op == WL_ALLOC ? "alloc" : "free";
	return result;
}

void result_clear(struct result *result)
{
	int i;

	for (i = 0; i < PHASES; i++) {
		kvfree(result->hist[i]);
		result->hist[i] = NULL;
	}
	result->have = 0;
	result->nr_samples = 0;
}

void result_free(struct result *result)
{
	result_clear(result);
	kvfree(result->samples);
	kfree(result);
}

void result_set(struct result *result, enum counter counter, u64 value)
{
	result->have |= BIT(counter);
	result->value[counter] = value;
}

int result_histogram(struct result *result, enum phase phase, const struct wl_hist *hist)
{
	result->hist[phase] = kvmalloc(sizeof(*hist), GFP_KERNEL);
	if (!result->hist[phase])
		return -ENOMEM;
	memcpy(result->hist[phase], hist, sizeof(*hist));
	return 0;
}

static int grow(struct result *result)
{
	size_t room = result->room ? 2 * result->room : 64;
	struct sample *grown = kvcalloc(room, sizeof(*grown), GFP_KERNEL);

	if (!grown)
		return -ENOMEM;
	if (result->samples)
		memcpy(grown, result->samples, result->nr_samples * sizeof(*grown));
	kvfree(result->samples);
	result->samples = grown;
	result->room = room;
	return 0;
}

int result_sample(struct result *result, u64 ops, const size_t figure[WL_SAMPLED])
{
	struct sample *sample;

	if (!ops)
		result->nr_samples = 0;
	if (result->nr_samples == result->room && grow(result))
		return -ENOMEM;
	sample = &result->samples[result->nr_samples++];
	sample->ops = ops;
	memcpy(sample->figure, figure, sizeof(sample->figure));
	return 0;
}

void results_add(struct result *result)
{
	mutex_lock(&results_lock);
	list_add_tail(&result->list, &results);
	mutex_unlock(&results_lock);
}

void results_clear(void)
{
	struct result *result, *next;

	mutex_lock(&results_lock);
	list_for_each_entry_safe(result, next, &results, list)
		result_free(result);
	INIT_LIST_HEAD(&results);
	mutex_unlock(&results_lock);
}

static void show_row(struct seq_file *seq, const struct result *result)
{
	static const char indent[] = "      ";
	int i;

	seq_printf(seq, "    {\n%s\"name\": \"%s\",\n", indent, result->name);
	seq_printf(seq, "%s\"family_index\": %u,\n", indent, result->family_index);
	seq_printf(seq, "%s\"per_family_instance_index\": %u,\n", indent,
		   result->instance_index);
	seq_printf(seq, "%s\"run_name\": \"%s\",\n", indent, result->name);
	seq_printf(seq, "%s\"run_type\": \"iteration\",\n", indent);
	seq_printf(seq, "%s\"repetitions\": 1,\n%s\"repetition_index\": 0,\n", indent,
		   indent);
	seq_printf(seq, "%s\"launch\": 0,\n%s\"threads\": %u,\n", indent, indent,
		   result->threads);
	seq_printf(seq, "%s\"iterations\": %llu,\n", indent, result->iterations);
	seq_printf(seq, "%s\"real_time\": ", indent);
	json_micro(seq, result->real_time);
	seq_printf(seq, ",\n%s\"cpu_time\": ", indent);
	json_micro(seq, result->cpu_time);
	seq_printf(seq, ",\n%s\"time_unit\": \"ns\"", indent);
	for (i = 0; i < COUNTERS; i++) {
		if (!(result->have & BIT(i)))
			continue;
		seq_printf(seq, ",\n%s\"%s\": ", indent, counter_names[i]);
		json_micro(seq, result->value[i]);
	}
	if (result->label[0])
		json_text(seq, indent, "label", "%s", result->label);
	seq_puts(seq, "\n    }");
}

int results_show(struct seq_file *seq, void *unused)
{
	struct result *result;

	mutex_lock(&results_lock);
	seq_puts(seq, "{\n  \"context\": {\n");
	facts_show(seq);
	seq_puts(seq, "\n  },\n  \"benchmarks\": [");
	list_for_each_entry(result, &results, list) {
		seq_puts(seq, list_is_first(&result->list, &results) ? "\n" : ",\n");
		show_row(seq, result);
	}
	seq_puts(seq, "\n  ]\n}\n");
	mutex_unlock(&results_lock);
	return 0;
}

static void show_histogram(struct seq_file *seq, const struct result *result,
			   enum phase phase)
{
	const struct wl_hist *hist = result->hist[phase];
	const char *comma = "";
	unsigned int i;

	seq_printf(seq, "{\"name\":\"%s\",\"subbucket_bits\":%u,\"unit\":\"ps\",",
		   result->name, HIST_BITS);
	seq_printf(seq, "\"phase\":\"%s\",\"op\":\"%s\",\"counts\":[",
		   phase == STEADY ? "steady" : "growth", result->op);
	for (i = 0; i < HIST_BUCKETS; i++) {
		if (!hist->count[i])
			continue;
		seq_printf(seq, "%s[%u,%u]", comma, i, hist->count[i]);
		comma = ",";
	}
	seq_puts(seq, "]}");
}

static void show_series(struct seq_file *seq, const struct result *result)
{
	size_t i;
	int j;

	seq_printf(seq, "{\"name\":\"%s\",\"columns\":[\"ops\"", result->name);
	for (j = 0; j < WL_SAMPLED; j++)
		seq_printf(seq, ",\"%s\"", counter_names[PAGES_HELD + j]);
	seq_puts(seq, "],\"points\":[");
	for (i = 0; i < result->nr_samples; i++) {
		seq_printf(seq, "%s[%llu", i ? "," : "", result->samples[i].ops);
		for (j = 0; j < WL_SAMPLED; j++)
			seq_printf(seq, ",%zu", result->samples[i].figure[j]);
		seq_putc(seq, ']');
	}
	seq_puts(seq, "]}");
}

static void show_histograms(struct seq_file *seq)
{
	struct result *result;
	const char *comma = "";
	int phase;

	list_for_each_entry(result, &results, list)
		for (phase = 0; phase < PHASES; phase++) {
			if (!result->hist[phase])
				continue;
			seq_puts(seq, comma);
			show_histogram(seq, result, phase);
			comma = ",\n";
		}
}

static void show_all_series(struct seq_file *seq)
{
	struct result *result;
	const char *comma = "";

	list_for_each_entry(result, &results, list) {
		if (!result->nr_samples)
			continue;
		seq_puts(seq, comma);
		show_series(seq, result);
		comma = ",\n";
	}
}

int results_show_raw(struct seq_file *seq, void *unused)
{
	mutex_lock(&results_lock);
	seq_puts(seq, "{\"schema\":\"dmapool-bench-raw/1\",\"histograms\":[");
	show_histograms(seq);
	seq_puts(seq, "],\n\"series\":[");
	show_all_series(seq);
	seq_puts(seq, "]}\n");
	mutex_unlock(&results_lock);
	return 0;
}
