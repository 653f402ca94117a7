// SPDX-License-Identifier: GPL-2.0-only
/* Facts of the kernel's configuration and machine: the context of the results. */
#include <linux/cpumask.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/stringify.h>
#include <linux/timekeeping.h>
#include <linux/utsname.h>

#include "clock.h"
#include "engine.h"
#include "facts.h"
#include "json.h"
#include "plan.h"

#ifdef CONFIG_X86
#include <asm/processor.h>
#endif

#define INDENT		"    "
/* How a text begins that json_text() would cut.  Needs no escapes. */
#define TEXT(key)	",\n" INDENT "\"" key "\": \""
#define OPTION(name)	{ #name, IS_ENABLED(CONFIG_##name) }

struct option {
	const char *name;
	bool on;
};

/* Each makes the allocators, the locks or every access slower than in production. */
static const struct option distorting[] = {
	OPTION(KASAN), OPTION(KCSAN), OPTION(KMSAN), OPTION(UBSAN), OPTION(KCOV),
	OPTION(GCOV_KERNEL), OPTION(LOCKDEP), OPTION(PROVE_LOCKING), OPTION(LOCK_STAT),
	OPTION(DEBUG_SPINLOCK), OPTION(DEBUG_MUTEXES), OPTION(DEBUG_ATOMIC_SLEEP),
	OPTION(DEBUG_IRQFLAGS), OPTION(DEBUG_PREEMPT), OPTION(TRACE_IRQFLAGS),
	OPTION(TRACE_PREEMPT_TOGGLE), OPTION(PROVE_RCU), OPTION(DEBUG_OBJECTS),
	OPTION(DEBUG_KMEMLEAK), OPTION(SLUB_DEBUG_ON), OPTION(DEBUG_PAGEALLOC),
	OPTION(PAGE_OWNER), OPTION(DEBUG_VM), OPTION(DMA_API_DEBUG),
};

/* What distributions choose one way or the other, at a cost that can be seen. */
static const struct option chosen[] = {
	OPTION(SMP), OPTION(NUMA), OPTION(PARAVIRT), OPTION(PARAVIRT_SPINLOCKS),
	OPTION(RETPOLINE), OPTION(MITIGATION_RETPOLINE), OPTION(CFI_CLANG), OPTION(CFI),
	OPTION(DEBUG_LIST), OPTION(LIST_HARDENED), OPTION(SLAB_FREELIST_HARDENED),
	OPTION(SLAB_FREELIST_RANDOM), OPTION(RANDOM_KMALLOC_CACHES),
	OPTION(INIT_ON_ALLOC_DEFAULT_ON), OPTION(INIT_ON_FREE_DEFAULT_ON),
	OPTION(FUNCTION_TRACER), OPTION(SWIOTLB), OPTION(IOMMU_DMA),
};

static struct {
	struct tm date;
	struct settings settings;
	char upstream[256];		/* dmapool.c files of kernels, and which */
	u64 clock_ps;
} run;

void facts_note(const struct settings *settings, const struct list_head *variants)
{
	struct bench_variant *variant;
	size_t at = 0;

	time64_to_tm(ktime_get_real_seconds(), 0, &run.date);
	run.settings = *settings;
	run.clock_ps = clock_cost_ps();
	run.upstream[0] = '\0';
	list_for_each_entry(variant, variants, list)
		if (variant->offers->version[0])
			at += scnprintf(run.upstream + at, sizeof(run.upstream) - at,
					"%s%s = %s", at ? ", " : "",
					variant->offers->name, variant->offers->version);
}

/*
 * Those that are on, as a text of any length: first what begins it.  Whether any is; then
 * the text is to be ended.
 */
static bool show_options(struct seq_file *seq, const struct option *options, int nr,
			 const char *start)
{
	const char *before = start;
	int i;

	for (i = 0; i < nr; i++)
		if (options[i].on) {
			seq_printf(seq, "%sCONFIG_%s", before, options[i].name);
			before = ", ";
		}
	return before != start;
}

static bool in_guest(void)
{
#ifdef CONFIG_X86
	return boot_cpu_has(X86_FEATURE_HYPERVISOR);
#else
	return false;
#endif
}

static const char *preemption(void)
{
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		return "rt";
	if (preempt_model_full())
		return "full";
	if (preempt_model_voluntary())
		return "voluntary";
	return preempt_model_none() ? "none" : "lazy";
}

static const char *on_off(bool on)
{
	return on ? "on" : "off";
}

static void show_machine(struct seq_file *seq)
{
#ifdef CONFIG_X86
	json_text(seq, INDENT, "cpu_model", "%s", boot_cpu_data.x86_model_id);
	json_text(seq, INDENT, "microcode", "0x%x", boot_cpu_data.microcode);
	json_text(seq, INDENT, "hypervisor", "%s", in_guest() ? "yes" : "no");
	json_text(seq, INDENT, "mitigations", "retpoline %s, page table isolation %s",
		  on_off(boot_cpu_has(X86_FEATURE_RETPOLINE)),
		  on_off(boot_cpu_has(X86_FEATURE_PTI)));
#endif
	json_text(seq, INDENT, "numa_nodes", "%d", num_online_nodes());
	json_text(seq, INDENT, "page_size", "%lu", PAGE_SIZE);
	json_text(seq, INDENT, "topology", "cpus %*pbl",
		  cpumask_pr_args(cpu_online_mask));
}

static void show_kernel(struct seq_file *seq)
{
	if (show_options(seq, chosen, ARRAY_SIZE(chosen), TEXT("config")))
		seq_putc(seq, '"');
	json_text(seq, INDENT, "kernel", "%s", init_utsname()->release);
	json_text(seq, INDENT, "kernel_version", "%s", init_utsname()->version);
	json_text(seq, INDENT, "compiler", "%s", CONFIG_CC_VERSION_TEXT);
	json_text(seq, INDENT, "cflags", "the kernel's, %s",
		  IS_ENABLED(CONFIG_CC_OPTIMIZE_FOR_SIZE) ? "-Os" : "-O2");
	json_text(seq, INDENT, "preempt", "%s", preemption());
	json_text(seq, INDENT, "hz", "%d", HZ);
	json_text(seq, INDENT, "lock", "%s",
		  IS_ENABLED(CONFIG_SMP) ? "the kernel's" : "none: a kernel for one CPU");
	json_text(seq, INDENT, "page_source", "the kernel's, %s",
		  IS_ENABLED(CONFIG_UML) ? "User Mode Linux" : "a platform device");
	json_text(seq, INDENT, "init_on_alloc", "%s", on_off(want_init_on_alloc(0)));
	json_text(seq, INDENT, "init_on_free", "%s", on_off(want_init_on_free()));
}

/* As engine.c decides it. */
static const char *masking(const struct settings *settings)
{
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		return "on: this kernel's locks sleep";
	if (settings->icount)
		return "masked around each batch, but for coherent_each";
	if (settings->irqs_off)
		return "masked around each batch of up to " __stringify(MASKED_OPS)
		       " operations, but for dmapool_test and coherent_each";
	return "on around each batch";
}

static void show_run(struct seq_file *seq)
{
	const struct settings *settings = &run.settings;

	json_text(seq, INDENT, "schema", "dmapool-bench/1");
	json_text(seq, INDENT, "build", "kernel");
	json_text(seq, INDENT, "revision", "%s", BENCH_REVISION);
	json_text(seq, INDENT, "irq", "%s", masking(settings));
	json_text(seq, INDENT, "clock", "%llu.%llu ns a reading", run.clock_ps / 1000,
		  run.clock_ps % 1000 / 100);
	if (run.upstream[0])
		json_text(seq, INDENT, "upstream", "%s", run.upstream);
	json_text(seq, INDENT, "seed", "%llu", settings->seed);
	json_text(seq, INDENT, "profile", "%s", settings->profile);
	json_text(seq, INDENT, "launches", "1");
}

/* Sentences joined by "; ", without their full stops. */
static void show_warning(struct seq_file *seq)
{
	static const char start[] = TEXT("warning");
	const char *before = start;

	if (show_options(seq, distorting, ARRAY_SIZE(distorting),
			 TEXT("warning") "the kernel checks itself, at a cost: "))
		before = "; ";
	if (want_init_on_alloc(0)) {
		seq_printf(seq, "%severy block handed out is zeroed: init_on_alloc is on",
			   before);
		before = "; ";
	}
	if (run.settings.icount) {
		seq_printf(seq, "%sthe clock counts instructions: times mean nothing",
			   before);
		before = "; ";
	} else if (in_guest()) {
		seq_printf(seq, "%sa hypervisor is present: timings of several %s",
			   before, "threads depend on where the host puts the vCPUs");
		before = "; ";
	}
	if (before != start)
		seq_putc(seq, '"');
}

void facts_show(struct seq_file *seq)
{
	const struct tm *date = &run.date;

	seq_printf(seq, INDENT "\"date\": \"%04ld-%02d-%02dT%02d:%02d:%02d+00:00\"",
		   date->tm_year + 1900, date->tm_mon + 1, date->tm_mday,
		   date->tm_hour, date->tm_min, date->tm_sec);
	json_text(seq, INDENT, "host_name", "%s", init_utsname()->nodename);
	json_text(seq, INDENT, "executable", "%s", KBUILD_MODNAME);
	seq_printf(seq, ",\n" INDENT "\"num_cpus\": %u", num_online_cpus());
	show_run(seq);
	show_kernel(seq);
	show_machine(seq);
	show_warning(seq);
}

static void warn_loudly(void)
{
	pr_warn("**********************************************************\n");
	pr_warn("** This kernel checks itself: no figure taken in it is  **\n");
	pr_warn("** that of a production kernel.                         **\n");
	pr_warn("**********************************************************\n");
}

void facts_warn(void)
{
	bool said = false;
	int i;

	for (i = 0; i < ARRAY_SIZE(distorting); i++) {
		if (!distorting[i].on)
			continue;
		if (!said)
			warn_loudly();
		said = true;
		pr_warn("** CONFIG_%s\n", distorting[i].name);
	}
}
