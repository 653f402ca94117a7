/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Code that may crash, hang or take the process with it, run in one of its own.  The
 * caller has one thread.
 */
#ifndef TESTS_APART_H
#define TESTS_APART_H

#include <stddef.h>

/**
 * apart - run code in a process of its own
 * @run: the code; to return is to succeed, exit(EXIT_FAILURE) to have failed and said so
 * @arg: for @run
 * @skipped: set to what the code told apart_skip(); NULL if it did not
 *
 * Return: NULL if it succeeded or was skipped; "" if it failed and said so; else how it
 * ended, in words.
 */
const char *apart(void (*run)(void *arg), void *arg, const char **skipped);

/* Ends the code that apart() runs: it does not apply. */
void apart_skip(const char *reason) __attribute__((__noreturn__));

/* Zeroed memory that the code and its caller share; aborts if there is none. */
void *apart_memory(size_t size);

#endif
