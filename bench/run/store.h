/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The folder of a result set: OUT/HOST/TIME-REVISION, which appears complete or not
 * at all.
 */
#ifndef RUN_STORE_H
#define RUN_STORE_H

#include <jansson.h>
#include <stddef.h>

struct store {
	char *folder;		/* OUT/HOST */
	char *stage;		/* where everything is written until it is complete */
	char stamp[sizeof("20260131T235959Z")];	/* UTC time of the run's start */
	char date[sizeof("2026-01-31T23:59:59+00:00")];	/* the same, RFC 3339 */
};

struct store_file {
	const char *name;
	json_t *document;
	size_t flags;		/* of json_dumpf() */
};

/**
 * store_open() - make the stage of a new result set, and make sure that it can be
 * written later: the room it will need is set aside
 * @out:		folder of all result sets
 * @measurements:	it will hold at most, rows times launches
 *
 * Return: 0, or -1 with a line on stderr and nothing left behind.
 */
int store_open(struct store *store, const char *out, size_t measurements);

/* A path inside the stage, for files that do not stay: a string to be freed. */
char *store_path(const struct store *store, const char *name);

/**
 * store_commit() - write the files and give the folder its name
 *
 * Return: its path, to be freed, or NULL with a line on stderr and nothing left behind.
 * Either way the store is closed.
 */
char *store_commit(struct store *store, const char *revision,
		   const struct store_file *files, size_t n);

/* Close the store and leave nothing behind. */
void store_discard(struct store *store);

#endif
