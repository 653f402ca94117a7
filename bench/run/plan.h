/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is run, and in what order: the benchmark program's rows grouped into cells
 * (family/variant), each cell launched once a round, the rounds shuffled.
 */
#ifndef RUN_PLAN_H
#define RUN_PLAN_H

#include <stddef.h>
#include <stdint.h>

struct plan_row {
	char *name;		/* family/variant/key:value/.../threads:N */
	size_t cell;		/* index into plan.cells */
	size_t index;		/* its place among the rows of its cell */
};

struct plan_cell {
	char *name;		/* family/variant */
	size_t rows;		/* how many rows it has */
};

struct plan {
	struct plan_row *rows;	/* in the order of the list */
	struct plan_cell *cells;	/* in the order of their first rows */
	size_t n_rows, n_cells;
	unsigned int launches;	/* rounds */
	uint64_t seed;		/* decides the order and every launch's seed */
};

/**
 * plan_parse() - group a list of row names into cells
 * @plan:	filled in but for launches and seed
 * @list:	one row name a line, as --benchmark_list_tests prints them; kept and
 *		changed: the row names stay inside it, so it must outlive the plan
 *
 * Return: NULL, or the first line that is no row name.
 */
const char *plan_parse(struct plan *plan, char *list);

/**
 * plan_filter() - the --benchmark_filter expression that selects one cell's rows
 *
 * Return: a string to be freed.
 */
char *plan_filter(const struct plan_cell *cell);

/**
 * plan_order() - the order in which round @round runs the cells
 * @order:	room for n_cells cell indices
 *
 * The same seed and round always give the same order.
 */
void plan_order(const struct plan *plan, unsigned int round, size_t *order);

/**
 * plan_launch_seed() - the --seed of every launch of round @round
 *
 * All cells of a round share it, so that all variants are given the same work.
 */
uint32_t plan_launch_seed(const struct plan *plan, unsigned int round);

/**
 * plan_find() - the index of row @name if it belongs to cell @cell, else -1
 */
ptrdiff_t plan_find(const struct plan *plan, size_t cell, const char *name);

void plan_free(struct plan *plan);

#endif
