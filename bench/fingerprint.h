/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The facts about machine and build that decide what a timing means, and the
 * sentences that warn of what would distort one. Results are comparable where
 * the facts agree, but for load_before and steal_before, which are of the moment.
 *
 * root is put before /proc and /sys: "" on a real machine, the folder of a fake
 * tree in a test.
 */
#ifndef BENCH_FINGERPRINT_H
#define BENCH_FINGERPRINT_H

/*
 * Calls add() once for each fact this machine tells; what it does not tell is
 * left out. The strings are add()'s only until it returns. Call it before any
 * thread is pinned, since `affinity` is the mask of the calling thread, and
 * before the run: load_before holds the load averages of 1, 5 and 15 minutes,
 * steal_before the seconds the host took from all CPUs together since boot. But
 * call it once the page source has its reserve: `page_source` tells its pages.
 */
void fingerprint(const char *root, void (*add)(const char *key, const char *value));

/*
 * Calls add() once for each thing that would distort timings, with a sentence
 * that ends without a full stop. Call it where fingerprint() is called.
 */
void fingerprint_warnings(const char *root, void (*add)(const char *sentence));

#endif
