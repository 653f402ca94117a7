// SPDX-License-Identifier: GPL-2.0-only
/* The environment of the workloads' tests; see env.h. */
#include "env.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <asm/processor.h>

#include "shim/shim.h"

const char *env_pools_text;

u64 wl_env_ps(u64 ticks)
{
	return ticks * ENV_PS_PER_TICK;
}

ssize_t wl_env_pools_file(struct device *dev, char *buf)
{
	if (!env_pools_text)
		return shim_device_read(dev, "pools", buf);
	return scnprintf(buf, PAGE_SIZE, "%s", env_pools_text);
}

void wl_env_sample(struct wl_run *run, u64 ops)
{
	struct env *env = run->env;
	struct env_sample *sample = &env->sample[env->nr_samples++];

	assert_true(env->nr_samples <= ENV_SAMPLES);
	sample->ops = ops;
	memcpy(sample->figure, run->figure, sizeof(sample->figure));
}

void wl_env_pause(struct wl_cpu *cpu)
{
	struct env *env = cpu->run->env;

	assert_int_equal(cpu->run->threads, 1);
	assert_false(env->paused);
	env->paused = true;
}

void wl_env_resume(struct wl_cpu *cpu)
{
	struct env *env = cpu->run->env;

	assert_true(env->paused);
	env->paused = false;
}

void wl_env_relax(struct wl_cpu *cpu)
{
	cpu_relax();
}

void env_init(struct env *env, const struct workload *workload,
	      const struct wl_row *row, unsigned int threads, u64 seed,
	      struct device *dev)
{
	unsigned int i;

	assert_true(threads <= ENV_CPUS);
	memset(env, 0, sizeof(*env));
	env->workload = workload;
	env->run = (struct wl_run) {
		.row = row, .threads = threads, .seed = seed, .dev = dev,
		.env = env, .cpus = env->cpus,
	};
	for (i = 0; i < threads; i++) {
		env->cpus[i].run = &env->run;
		env->cpus[i].index = i;
		env->cpus[i].rng = rng_seed(seed + i);
	}
}

struct job {
	struct env *env;
	pthread_t thread;
	pthread_barrier_t *start;
	unsigned int index, quanta;
};

static void *one_cpu(void *arg)
{
	struct job *job = arg;
	struct wl_run *run = &job->env->run;
	struct wl_cpu *cpu = &run->cpus[job->index];
	u64 quantum = job->env->workload->quantum(run);
	unsigned int done = 0;

	shim_cpu_up();
	cpu->times = cpu->steady;
	pthread_barrier_wait(job->start);
	/* At least one, so that who waits for another that failed is seen to end. */
	do {
		job->env->workload->work(cpu, quantum);
	} while (++done < job->quanta && !cpu->error && !READ_ONCE(run->stop));
	if (cpu->error)
		WRITE_ONCE(run->stop, 1);
	return NULL;
}

int env_work(struct env *env, unsigned int quanta)
{
	unsigned int threads = env->run.threads, i;
	struct job jobs[ENV_CPUS];
	pthread_barrier_t start;
	int err = 0;

	pthread_barrier_init(&start, NULL, threads);
	for (i = 0; i < threads; i++)
		jobs[i] = (struct job) {
			.env = env, .start = &start, .index = i, .quanta = quanta,
		};
	for (i = 1; i < threads; i++)
		assert_int_equal(pthread_create(&jobs[i].thread, NULL, one_cpu,
						&jobs[i]), 0);
	one_cpu(&jobs[0]);
	for (i = 1; i < threads; i++)
		pthread_join(jobs[i].thread, NULL);
	pthread_barrier_destroy(&start);
	assert_false(env->paused);
	for (i = 0; i < threads && !err; i++)
		err = env->cpus[i].error;
	return err;
}
