// SPDX-License-Identifier: GPL-2.0-only
/*
 * The direct page source: no IOMMU, pages on the device's node, DMA addresses the
 * CPU's shifted by a constant.  Memory comes from the system in chunks, on huge pages
 * where it has any, already present, as the kernel's direct map is, and is handed out in
 * powers of two of pages, ascending from a fresh chunk, last freed first.  Nothing goes
 * back to the system.  One lock for all; the kernel has per-CPU page lists in front of
 * its own.
 */
#include <errno.h>
#include <hwloc.h>
#include <linux/dma-mapping.h>
#include <linux/sched/mm.h>
#include <linux/spinlock.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "../internal.h"
#include "../shim.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
/* A page behind each allocation that nobody may touch. */
#define GUARD PAGE_SIZE
#else
#define ASAN_POISON_MEMORY_REGION(p, n)		((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n)	((void)(p), (void)(n))
#define GUARD 0
#endif

/* The kernel's largest block of pages, too. */
#define MAX_ORDER	10
#define CHUNK		(PAGE_SIZE << MAX_ORDER)
#define MAX_NODES	64

/* Memory aligned to its size, and what each of its pages is the start of. */
struct chunk {
	char memory[CHUNK];
	u16 out[1 << MAX_ORDER];	/* the pages handed out as one, 0 if none */
};

#define MAPPED		PAGE_ALIGN(sizeof(struct chunk))

/* Any constant that makes a DMA address useless as a pointer, as on a shifted bus. */
#define DMA_OFFSET	0x1000000000000ULL

struct free_list {
	void **block;
	size_t nr, room;
};

/* One a node, and the first for devices that name none. */
static struct free_list free_lists[MAX_NODES + 1][MAX_ORDER + 1];
static DEFINE_SPINLOCK(lock);

void *shim_dma_to_virt(dma_addr_t dma)
{
	return (void *)(uintptr_t)(dma - DMA_OFFSET);
}

static dma_addr_t virt_to_dma(void *vaddr)
{
	return (uintptr_t)vaddr + DMA_OFFSET;
}

/* Belongs to whoever has the block. */
static u16 *note_of(void *block)
{
	struct chunk *chunk = (struct chunk *)((uintptr_t)block & ~(CHUNK - 1));

	return &chunk->out[((char *)block - chunk->memory) >> PAGE_SHIFT];
}

static struct free_list *lists_of(struct device *dev)
{
	int node = dev->numa_node;

	return free_lists[node >= 0 && node < MAX_NODES ? node + 1 : 0];
}

static int order_of(size_t size)
{
	int order = 0;

	while ((PAGE_SIZE << order) < size)
		order++;
	return order;
}

static bool push(struct free_list *list, void *block)
{
	if (list->nr == list->room) {
		size_t room = list->room ? 2 * list->room : 1024;
		void **grown = realloc(list->block, room * sizeof(*grown));

		if (!grown)
			return false;
		list->block = grown;
		list->room = room;
	}
	list->block[list->nr++] = block;
	return true;
}

static void *pop(struct free_list *list)
{
	return list->nr ? list->block[--list->nr] : NULL;
}

/* The machine as hwloc sees it, NULL if it cannot; lock held. */
static hwloc_topology_t machine(void)
{
	static hwloc_topology_t topology;

	if (topology || hwloc_topology_init(&topology))
		return topology;
	if (hwloc_topology_load(topology)) {
		hwloc_topology_destroy(topology);
		topology = NULL;
	}
	return topology;
}

/* Where the machine has no such node there is no choice, and that is no error. */
static void bind_to_node(void *p, int node)
{
	hwloc_topology_t topology = node < 0 ? NULL : machine();
	hwloc_obj_t obj;

	if (!topology)
		return;
	obj = hwloc_get_numanode_obj_by_os_index(topology, node);
	if (obj)
		hwloc_set_area_membind(topology, p, CHUNK, obj->nodeset,
				       HWLOC_MEMBIND_BIND, HWLOC_MEMBIND_BYNODESET);
}

static char *map_aligned(void)
{
	size_t mapped = CHUNK + MAPPED;
	char *p = mmap(NULL, mapped, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *chunk;

	if (p == MAP_FAILED)
		return NULL;
	chunk = (char *)ALIGN((uintptr_t)p, CHUNK);
	munmap(p, chunk - p);
	munmap(chunk + MAPPED, p + mapped - (chunk + MAPPED));
	return chunk;
}

/* A chunk's memory, present and zero. */
static void *map_chunk(int node)
{
	char *chunk = map_aligned();

	if (!chunk)
		return NULL;
	bind_to_node(chunk, node);
	madvise(chunk, CHUNK, MADV_HUGEPAGE);
	if (madvise(chunk, CHUNK, MADV_POPULATE_WRITE))
		memset(chunk, 0, CHUNK);
	ASAN_POISON_MEMORY_REGION(chunk, CHUNK);
	return chunk;
}

/* A block of this order, splitting a larger one where need be; lock held. */
static void *take(struct free_list *lists, int order, int node)
{
	char *block;
	int from;

	for (from = order; from <= MAX_ORDER; from++) {
		block = pop(&lists[from]);
		if (block)
			break;
	}
	if (from > MAX_ORDER) {
		block = map_chunk(node);
		if (!block)
			return NULL;
		from = MAX_ORDER;
	}
	while (from-- > order)
		if (!push(&lists[from], block + (PAGE_SIZE << from)))
			return NULL;
	return block;
}

void *dma_alloc_coherent(struct device *dev, size_t size, dma_addr_t *handle,
			 gfp_t gfp)
{
	size_t bytes = PAGE_ALIGN(size);
	unsigned long flags;
	void *block;

	might_alloc(gfp);
	if (!size || size > CHUNK - GUARD || shim_should_fail())
		return NULL;
	spin_lock_irqsave(&lock, flags);
	block = take(lists_of(dev), order_of(bytes + GUARD), dev->numa_node);
	if (block)
		dev->coherent_bytes += bytes;
	spin_unlock_irqrestore(&lock, flags);
	if (!block)
		return NULL;
	ASAN_UNPOISON_MEMORY_REGION(block, bytes);
	memset(block, 0, bytes);
	*note_of(block) = bytes >> PAGE_SHIFT;
	*handle = virt_to_dma(block);
	return block;
}

void dma_free_coherent(struct device *dev, size_t size, void *vaddr, dma_addr_t dma)
{
	size_t bytes = PAGE_ALIGN(size);
	unsigned long flags;

	WARN_ON(irqs_disabled());
	if (WARN_ON(virt_to_dma(vaddr) != dma) ||
	    WARN_ON(*note_of(vaddr) != bytes >> PAGE_SHIFT))
		return;
	*note_of(vaddr) = 0;
	ASAN_POISON_MEMORY_REGION(vaddr, bytes);
	spin_lock_irqsave(&lock, flags);
	dev->coherent_bytes -= bytes;
	push(&lists_of(dev)[order_of(bytes + GUARD)], vaddr);
	spin_unlock_irqrestore(&lock, flags);
}

size_t shim_dma_outstanding(struct device *dev)
{
	unsigned long flags;
	size_t bytes;

	spin_lock_irqsave(&lock, flags);
	bytes = dev->coherent_bytes;
	spin_unlock_irqrestore(&lock, flags);
	return bytes;
}

int shim_dma_reserve(struct device *dev, size_t bytes)
{
	struct free_list *top = &lists_of(dev)[MAX_ORDER];
	unsigned long flags;
	int ret = 0;

	spin_lock_irqsave(&lock, flags);
	while (top->nr * CHUNK < bytes && !ret) {
		void *chunk = map_chunk(dev->numa_node);

		if (!chunk || !push(top, chunk))
			ret = -ENOMEM;
	}
	spin_unlock_irqrestore(&lock, flags);
	return ret;
}
