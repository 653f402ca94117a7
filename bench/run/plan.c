// SPDX-License-Identifier: GPL-2.0-only
/*
 * The launches of a run. Variants are compared with each other, so what drifts while
 * a run lasts (heat, clock, neighbours) must hit them all alike: every round launches
 * each cell once, in an order of its own. A run that is stopped early then still has
 * whole rounds.
 */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "plan.h"

/* The length of "family/variant" at the start of a row's name; 0 if it is no row. */
static size_t cell_length(const char *row)
{
	size_t family = strcspn(row, "/");
	size_t variant;

	if (!family || !row[family])
		return 0;
	variant = strcspn(row + family + 1, "/");
	if (!variant || !row[family + 1 + variant])
		return 0;
	return family + 1 + variant;
}

static size_t find_or_add_cell(struct plan *plan, const char *row, size_t length)
{
	size_t i;

	for (i = 0; i < plan->n_cells; i++)
		if (strlen(plan->cells[i].name) == length &&
		    !memcmp(plan->cells[i].name, row, length))
			return i;
	plan->cells = xgrow(plan->cells, i + 1, sizeof(*plan->cells));
	plan->cells[i].name = xprintf("%.*s", (int)length, row);
	plan->cells[i].rows = 0;
	plan->n_cells++;
	return i;
}

const char *plan_parse(struct plan *plan, char *list)
{
	char *rest = list;
	char *name;

	while ((name = strsep(&rest, "\n"))) {
		struct plan_row *row;
		size_t length;

		if (!*name)
			continue;
		length = cell_length(name);
		if (!length)
			return name;
		plan->rows = xgrow(plan->rows, plan->n_rows + 1, sizeof(*plan->rows));
		row = &plan->rows[plan->n_rows++];
		row->name = name;
		row->cell = find_or_add_cell(plan, name, length);
		row->index = plan->cells[row->cell].rows++;
	}
	return NULL;
}

char *plan_filter(const struct plan_cell *cell)
{
	/* "^", every character escaped, "/", the end */
	char *filter = xcalloc(2 * strlen(cell->name) + 3, 1);
	const char *from;
	char *to = filter;

	*to++ = '^';
	for (from = cell->name; *from; from++) {
		if (strchr(".[]{}()\\*+?|^$", *from))
			*to++ = '\\';
		*to++ = *from;
	}
	*to = '/';
	return filter;
}

/* Vigna's splitmix64: small, and good from the first number of any seed. */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/* A stream of random numbers for each round: the first is the launches' seed. */
static uint64_t round_stream(const struct plan *plan, unsigned int round)
{
	uint64_t state = plan->seed;

	return next_random(&state) + round;
}

void plan_order(const struct plan *plan, unsigned int round, size_t *order)
{
	uint64_t state = round_stream(plan, round);
	size_t i;

	next_random(&state);
	for (i = 0; i < plan->n_cells; i++) {
		size_t j = next_random(&state) % (i + 1);

		order[i] = order[j];
		order[j] = i;
	}
}

uint32_t plan_launch_seed(const struct plan *plan, unsigned int round)
{
	uint64_t state = round_stream(plan, round);

	return next_random(&state) >> 32;
}

ptrdiff_t plan_find(const struct plan *plan, size_t cell, const char *name)
{
	size_t i;

	for (i = 0; i < plan->n_rows; i++)
		if (plan->rows[i].cell == cell && !strcmp(plan->rows[i].name, name))
			return i;
	return -1;
}

void plan_free(struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->n_cells; i++)
		free(plan->cells[i].name);
	free(plan->cells);
	free(plan->rows);
}
