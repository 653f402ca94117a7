// SPDX-License-Identifier: GPL-2.0-only
/* What the rules make of size, alignment and boundary, in closed form. */
#include "geometry.h"

static bool power_of_two(size_t n)
{
	return n && !(n & (n - 1));
}

static void plan_page(const struct traits *traits, size_t boundary, struct plan *plan)
{
	plan->allocation = max(plan->stride, PAGE_SIZE);
	plan->window = min(boundary ?: plan->allocation, plan->allocation);
	if (boundary > plan->allocation && traits->old & OLD_OVERRUN) {
		plan->per_window = DIV_ROUND_UP(plan->allocation, plan->stride);
		plan->overruns = plan->per_window * plan->stride > plan->allocation;
	} else if (traits->old & OLD_WASTE) {
		/* A block that would end right at the boundary is left out. */
		plan->per_window = max((plan->window - 1) / plan->stride, 1UL);
	} else {
		plan->per_window = plan->window / plan->stride;
	}
	plan->per_page = plan->allocation / plan->window * plan->per_window;
}

bool geometry_plan(const struct traits *traits, const struct geometry *g,
		   struct plan *plan)
{
	size_t least = traits->old & OLD_LEAST_SIZE ?
		       4 : sizeof(void *) + sizeof(dma_addr_t);
	size_t align = g->align ?: 1;

	memset(plan, 0, sizeof(*plan));
	if (!g->size || !power_of_two(align))
		return false;
	plan->stride = DIV_ROUND_UP(max(g->size, least), align) * align;
	if (g->boundary && (g->boundary < plan->stride || !power_of_two(g->boundary)))
		return false;
	plan_page(traits, g->boundary, plan);
	return true;
}

size_t plan_offset(const struct plan *plan, size_t k)
{
	return k / plan->per_window * plan->window +
	       k % plan->per_window * plan->stride;
}

/* Sizes next to a power of two are where the off-by-ones live. */
static size_t draw_size(struct prop_rng *rng, unsigned int bits)
{
	size_t power = 1UL << prop_below(rng, bits + 1);

	switch (prop_below(rng, 4)) {
	case 0:
		return power;
	case 1:
		return power + 1;
	case 2:
		return power - 1;
	default:
		return prop_magnitude(rng, 1U << bits);
	}
}

static size_t draw_power(struct prop_rng *rng, unsigned int bits)
{
	return prop_below(rng, 3) ? 1UL << prop_below(rng, bits + 1) : 0;
}

void geometry_draw(struct prop_rng *rng, struct geometry *g)
{
	g->size = draw_size(rng, 13);
	g->align = draw_power(rng, 13);
	g->boundary = draw_power(rng, 15);
	if (!prop_below(rng, 32))
		g->align = prop_magnitude(rng, PAGE_SIZE);
	if (!prop_below(rng, 32))
		g->boundary = prop_magnitude(rng, 2 * PAGE_SIZE);
}

void geometry_draw_small(struct prop_rng *rng, struct geometry *g)
{
	g->size = max(draw_size(rng, 10), 1UL);
	g->align = draw_power(rng, 8);
	g->boundary = prop_below(rng, 2) ? 0 : 2048UL << prop_below(rng, 2);
}

bool geometry_shrink(struct geometry *g, unsigned int n)
{
	switch (n) {
	case 0:
		g->boundary = 0;
		return true;
	case 1:
		g->align = 0;
		return true;
	case 2:
		g->size = 1;
		return true;
	case 3:
		g->size -= g->size / 2;
		return true;
	case 4:
		g->size -= g->size > 1;
		return true;
	case 5:
		g->align /= 2;
		return true;
	case 6:
		g->boundary /= 2;
		return true;
	default:
		return false;
	}
}

int geometry_print(const struct geometry *g, char *text, size_t size)
{
	return scnprintf(text, size, "size %zu, align %zu, boundary %zu", g->size,
			 g->align, g->boundary);
}
