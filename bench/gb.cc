/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * gb.h over libbenchmark: the one C++ file. Beyond forwarding, it keeps from
 * libbenchmark what would make that exit or abort (bad flags, unwritable files, runs
 * that end early) and from the reports what is no result.
 */
#include "gb.h"
#include "listener.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

namespace fs = std::filesystem;
using benchmark::BenchmarkReporter;
using benchmark::Counter;
using benchmark::State;

namespace {

/* Short enough for a std::string to hold without allocating. */
const char no_memory[] = "out of memory";

/* The error of a run that was not made or not finished: no result, and no failure. */
const char stopped[] = "stopped by gb_stop()";

std::atomic<bool> stopping, any_failed;
static_assert(std::atomic<bool>::is_always_lock_free, "gb_stop() is for signal handlers");

const char *refusal;	/* why gb_run() must not run */
std::string out_path;	/* --benchmark_out */

/* What the threads of a run must agree on, so fixed before the first one starts. */
struct {
	uint64_t number;
	bool skipped;
} this_run;

void begin_run(const State &)
{
	this_run = {this_run.number + 1, stopping};
}

template <class F> bool guarded(F f) noexcept
{
	try {
		f();
		return true;
	} catch (...) {
		return false;
	}
}

void complain(const std::string &what, const char *mend)
{
	const char *program = program_invocation_short_name;

	fprintf(stderr, "%s: %s: %s\n", program, what.c_str(), mend);
}

/*
 * libbenchmark aborts if the repetitions of a row differ in their iterations, failed
 * ones included, and crashes if one succeeds after the first has failed. So a row that
 * failed is not called again, and what its threads did last is what a run that ends
 * early has to agree with.
 */
struct thread_history {
	int64_t asked, done;
};

struct row_history {
	uint64_t failed_run = 0;
	std::map<int, thread_history> threads;
};

} /* namespace */

struct gb_bench {
	gb_fn *fn;
	void *arg;
	benchmark::internal::Benchmark *lib = nullptr;
	size_t arity = 0;
	std::mutex lock = {};
	std::map<std::vector<int64_t>, row_history> rows = {};	/* threads, arguments */

	void run(State &lib);
	bool recall(gb_state &st);
	void call(gb_state &st);
	void fail(gb_state &st);
};

struct gb_state {
	State &lib;
	gb_bench &bench;
	row_history *row = nullptr;
	thread_history *last = nullptr;
	bool finished = false;
	std::string error = {};
};

/* Finds what is known of this row; false if it failed in an earlier run. */
bool gb_bench::recall(gb_state &st)
{
	std::lock_guard<std::mutex> guard(lock);
	std::vector<int64_t> key{st.lib.threads()};

	for (size_t i = 0; i < arity; i++)
		key.push_back(st.lib.range(i));
	st.row = &rows[key];
	st.last = &st.row->threads[st.lib.thread_index()];
	return !st.row->failed_run || st.row->failed_run == this_run.number;
}

void gb_bench::call(gb_state &st)
{
	bool failed_before = !recall(st);

	if (this_run.skipped)
		return gb_error(&st, stopped);
	if (failed_before)
		return gb_error(&st, "failed in an earlier run");
	fn(&st, arg);
	if (!st.finished)
		gb_error(&st, stopping ? stopped : "returned early, within its loop");
}

void gb_bench::fail(gb_state &st)
{
	int64_t max = st.lib.max_iterations;
	int64_t target = st.last && st.last->asked == max ? st.last->done : max;

	if (!st.finished && st.lib.iterations() < target)
		st.lib.KeepRunningBatch(target - st.lib.iterations());
	if (st.error != stopped) {
		std::lock_guard<std::mutex> guard(lock);

		any_failed = true;
		if (st.row)
			st.row->failed_run = this_run.number;
	}
	st.lib.SkipWithError(st.error.c_str());
}

void gb_bench::run(State &lib)
{
	gb_state st{lib, *this};

	try {
		call(st);
	} catch (const std::exception &e) {
		gb_error(&st, e.what());
	} catch (...) {
		gb_error(&st, "unknown C++ exception");
	}
	if (st.error.empty())
		*st.last = {lib.max_iterations, lib.iterations()};
	else if (!guarded([&] { fail(st); }))
		lib.SkipWithError(no_memory);
}

namespace {

/* libbenchmark 1.8 renamed the message of a failed run, and wants units on times. */
template <class R> auto message(const R &run, int) -> decltype((run.skip_message))
{
	return run.skip_message;
}

template <class R> auto message(const R &run, long) -> decltype((run.error_message))
{
	return run.error_message;
}

template <class R> auto seconds(int) -> decltype((&R::skip_message, "s"))
{
	return "s";
}

template <class R> auto seconds(long) { return ""; }

/* Hands on to another reporter what is a result: no skipped rows, no NaN. */
class results_only : public BenchmarkReporter {
public:
	explicit results_only(BenchmarkReporter &to) : to_(to) {}

	bool ReportContext(const Context &context) override
	{
		return to_.ReportContext(context);
	}

	void ReportRuns(const std::vector<Run> &runs) override
	{
		std::vector<Run> kept;

		for (const Run &run : runs)
			if (message(run, 0) != stopped)
				kept.push_back(finite(run));
		if (!kept.empty())
			to_.ReportRuns(kept);
	}

	void Finalize() override
	{
		to_.Finalize();
		complete = true;
	}

	bool complete = false;

private:
	static Run finite(Run run)
	{
		auto &all = run.counters;

		for (auto c = all.begin(); c != all.end();)
			c = std::isfinite(c->second.value) ? std::next(c) : all.erase(c);
		return run;
	}

	BenchmarkReporter &to_;
};

/* A JSON report that appears whole or not at all, unless it is a device or a pipe. */
struct report_file {
	fs::path path, written;
	std::ofstream stream;
	benchmark::JSONReporter json;
	results_only reporter{json};

	explicit report_file(const std::string &name) : path(name), written(name)
	{
		if (!fs::exists(path) || fs::is_regular_file(path)) {
			path = written = fs::weakly_canonical(path);
			written += "." + std::to_string(getpid()) + ".tmp";
		}
		stream.open(written);
		json.SetOutputStream(&stream);
	}

	~report_file()
	{
		std::error_code ignored;

		if (written != path)
			fs::remove(written, ignored);
	}

	bool commit()
	{
		std::error_code failed;

		stream.close();
		if (!stream)
			return false;
		if (written != path)
			fs::rename(written, path, failed);
		return !failed;
	}
};

int cannot_write(const std::string &name)
{
	complain(name + ": cannot write: " + strerror(errno), "mend or choose another");
	return GB_FAILED;
}

int run_and_report()
{
	std::ostringstream errors;
	std::unique_ptr<report_file> file;
	results_only screen(*benchmark::CreateDefaultDisplayReporter());

	if (!out_path.empty()) {
		file = std::make_unique<report_file>(out_path);
		if (!file->stream)
			return cannot_write(out_path);
	}
	screen.SetErrorStream(&errors);
	results_only *out = file ? &file->reporter : nullptr;
	size_t matched = benchmark::RunSpecifiedBenchmarks(&screen, out);
	std::string said = errors.str();

	if (!matched) {
		said.resize(std::min(said.find('\n'), said.size()));
		complain(said, "--benchmark_list_tests shows the names");
		return GB_USAGE;
	}
	std::cerr << said;
	if (file && file->reporter.complete && !file->commit())
		return cannot_write(out_path);
	if (!std::cout.flush() && !nobody_listens())
		return cannot_write("standard output");
	return stopping ? GB_STOPPED : any_failed ? GB_FAILED : GB_OK;
}

const char *after(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) ? nullptr : text + strlen(start);
}

/* The flag of a time as the libbenchmark at hand takes it; empty if it is no time. */
std::string time_flag(const char *flag, const char *value)
{
	char *end;
	double time = strtod(value, &end);

	if (end == value || !std::isfinite(time) || time < 0 ||
	    (*end && strcmp(end, "s")))
		return {};
	return std::string(flag, end - flag) + seconds<BenchmarkReporter::Run>(0);
}

/* Returns what of the flags libbenchmark does not take, or NULL. */
const char *parse(std::vector<char *> flags)
{
	static char nowhere[] = "--benchmark_out=/dev/null", none[] = "--benchmark_out=";
	static char json[] = "--benchmark_out_format=json";
	const char *wrong = nullptr;
	std::list<std::string> times;

	for (char *&flag : flags) {
		if (const char *path = after(flag, "--benchmark_out="))
			out_path = path;
		if (after(flag, "--benchmark_out_format=") && strcmp(flag, json))
			return flag;
		if (const char *time = after(flag, "--benchmark_min_time=")) {
			times.push_back(time_flag(flag, time));
			if (times.back().empty())
				return flag;
			flag = times.back().data();
		}
	}
	/* It would exit if it could not open the file: report_file opens it instead. */
	flags.push_back(out_path.empty() ? none : nowhere);
	int left = flags.size();
	std::cerr.setstate(std::ios::failbit);	/* gb_init() says it in one line */
	try {
		benchmark::Initialize(&left, flags.data(), [] { throw EINVAL; });
	} catch (int) {
		wrong = "a --benchmark_ format, color or time unit";
	}
	std::cerr.clear();
	return left > 1 && !wrong ? flags[1] : wrong;
}

/* The body of all setters; NULL comes from a gb_register() that has left its reason. */
template <class F> void set(gb_bench *b, F setter)
{
	if (b && !guarded(setter))
		refusal = no_memory;
}

/* The body of what may throw in a benchmark function. */
template <class F> void protect(gb_state *st, F forward)
{
	if (!guarded(forward))
		gb_error(st, no_memory);
}

} /* namespace */

int gb_init(int *argc, char **argv)
{
	const char *wrong = no_memory;
	char **end = argv + *argc, **flags = end;

	guarded([&] {
		std::vector<char *> ours(argv, argv + (argv < end));

		flags = std::stable_partition(argv + ours.size(), end, [](char *arg) {
			return !after(arg, "--benchmark_");
		});
		ours.insert(ours.end(), flags, end);
		wrong = parse(ours);
	});
	*argc = flags - argv;
	if (flags < end)
		*flags = nullptr;
	if (!wrong)
		return GB_OK;
	complain(wrong, "unknown, or not a value for it: see libbenchmark's user guide");
	return GB_USAGE;
}

void gb_context(const char *key, const char *value)
{
	if (!guarded([=] { benchmark::AddCustomContext(key, value); }))
		refusal = no_memory;
}

int gb_run(void)
{
	int status = GB_FAILED;

	if (refusal)
		complain(refusal, "nothing was run: mend what is registered");
	else if (!guarded([&] { status = run_and_report(); }))
		complain("the run broke off", "free memory or allow more threads");
	return status;
}

void gb_stop(void) { stopping = true; }

gb_bench *gb_register(const char *name, gb_fn *fn, void *arg)
{
	std::shared_ptr<gb_bench> b;

	if (!name || !*name || !fn) {
		refusal = "gb_register() without a name or function";
		return nullptr;
	}
	if (guarded([&] {
		b.reset(new gb_bench{fn, arg});
		auto run = [b](State &lib) { b->run(lib); };

		b->lib = benchmark::RegisterBenchmark(name, run)->Setup(begin_run);
	}))
		return b.get();
	refusal = no_memory;
	return nullptr;
}

void gb_bench_args(gb_bench *b, const int64_t *values, size_t count)
{
	set(b, [=] {
		b->arity = count;
		b->lib->Args({values, values + count});
	});
}

void gb_bench_range(gb_bench *b, int64_t lo, int64_t hi, int multiplier)
{
	set(b, [=] {
		b->arity = 1;
		b->lib->RangeMultiplier(multiplier)->Range(lo, hi);
	});
}

void gb_bench_dense_range(gb_bench *b, int64_t lo, int64_t hi, int step)
{
	set(b, [=] {
		b->arity = 1;
		b->lib->DenseRange(lo, hi, step);
	});
}

void gb_bench_product(gb_bench *b, const gb_values *lists, size_t count)
{
	set(b, [=] {
		std::vector<std::vector<int64_t>> values;

		for (auto list = lists; list < lists + count; list++)
			values.emplace_back(list->values, list->values + list->count);
		b->arity = count;
		b->lib->ArgsProduct(values);
	});
}

void gb_bench_arg_names(gb_bench *b, const char *const *names, size_t count)
{
	set(b, [=] { b->lib->ArgNames({names, names + count}); });
}

void gb_bench_threads(gb_bench *b, int n) { set(b, [=] { b->lib->Threads(n); }); }
void gb_bench_min_time(gb_bench *b, double s) { set(b, [=] { b->lib->MinTime(s); }); }
void gb_bench_repetitions(gb_bench *b, int n) { set(b, [=] { b->lib->Repetitions(n); }); }
void gb_bench_real_time(gb_bench *b) { set(b, [=] { b->lib->UseRealTime(); }); }
void gb_bench_manual_time(gb_bench *b) { set(b, [=] { b->lib->UseManualTime(); }); }

void gb_bench_iterations(gb_bench *b, int64_t count)
{
	set(b, [=] { b->lib->Iterations(count); });
}

void gb_bench_thread_range(gb_bench *b, int min, int max)
{
	set(b, [=] { b->lib->ThreadRange(min, max); });
}

void gb_bench_unit(gb_bench *b, enum gb_unit unit)
{
	set(b, [=] { b->lib->Unit(static_cast<benchmark::TimeUnit>(unit)); });
}

/* Forwards: what is added runs once, at the end. */
bool gb_keep_running_batch(gb_state *st, int64_t n)
{
	bool more = false;

	protect(st, [&] { more = st->lib.KeepRunningBatch(n); });
	if (!more)
		st->finished = true;
	return more;
}

bool gb_keep_running(gb_state *st) { return gb_keep_running_batch(st, 1); }
int64_t gb_max_iterations(const gb_state *st) { return st->lib.max_iterations; }
int64_t gb_iterations(const gb_state *st) { return st->lib.iterations(); }
int gb_threads(const gb_state *st) { return st->lib.threads(); }
int gb_thread_index(const gb_state *st) { return st->lib.thread_index(); }
void gb_pause(gb_state *st) { protect(st, [=] { st->lib.PauseTiming(); }); }
void gb_resume(gb_state *st) { protect(st, [=] { st->lib.ResumeTiming(); }); }
void gb_label(gb_state *st, const char *s) { protect(st, [=] { st->lib.SetLabel(s); }); }

int64_t gb_range(gb_state *st, size_t i)
{
	if (i < st->bench.arity)
		return st->lib.range(i);
	gb_error(st, "gb_range() of an argument that is not there");
	return 0;
}

void gb_set_iteration_time(gb_state *st, double seconds)
{
	if (!std::isfinite(seconds) || seconds < 0)
		return gb_error(st, "gb_set_iteration_time() not finite, or negative");
	protect(st, [=] { st->lib.SetIterationTime(seconds); });
}

void gb_counter(gb_state *st, const char *name, double value, unsigned int flags)
{
	static_assert(GB_RATE == int(Counter::kIsRate));
	static_assert(GB_AVG_THREADS == int(Counter::kAvgThreads));
	static_assert(GB_PER_ITERATION == int(Counter::kAvgIterations));

	protect(st, [=] { st->lib.counters[name] = {value, Counter::Flags(flags)}; });
}

void gb_error(gb_state *st, const char *message)
{
	if (!st->error.empty())
		return;
	if (!message || !*message)
		message = "unnamed error";
	if (!guarded([=] { st->error = message; }))
		st->error = no_memory;
}
