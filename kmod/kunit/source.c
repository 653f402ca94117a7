// SPDX-License-Identifier: GPL-2.0-only
/*
 * The contract's surroundings in a kernel: platform devices, each with an account of
 * the coherent memory it has out, their pools files, and a memory that is short.
 */
#include <linux/delay.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/io.h>
#include <linux/kconfig.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>

#include "fault.h"
#include "tests/contract/contract.h"

/* The lock is held while the shrinker is called, so that it stays until it returns. */
static DEFINE_MUTEX(shrinker_lock);
static struct shrinker *the_shrinker;

/* Copied into the device as its platform data. */
struct account {
	atomic_long_t bytes;
};

static struct account *account_of(struct device *dev)
{
	return dev_get_platdata(dev);
}

void *__real_dma_alloc_coherent(struct device *dev, size_t size, dma_addr_t *handle,
				gfp_t gfp)
{
	void *vaddr = NULL;

	if (!fault_strikes())
		vaddr = dma_alloc_coherent(dev, size, handle, gfp);
	if (vaddr)
		atomic_long_add(PAGE_ALIGN(size), &account_of(dev)->bytes);
	return vaddr;
}

void __real_dma_free_coherent(struct device *dev, size_t size, void *vaddr,
			      dma_addr_t dma)
{
	dma_free_coherent(dev, size, vaddr, dma);
	atomic_long_sub(PAGE_ALIGN(size), &account_of(dev)->bytes);
}

struct device *contract_device_create(const char *name)
{
	static const struct account none;
	const struct platform_device_info info = {
		.name = name, .id = PLATFORM_DEVID_NONE, .dma_mask = DMA_BIT_MASK(64),
		.data = &none, .size_data = sizeof(none),
	};
	struct platform_device *pdev = platform_device_register_full(&info);

	if (WARN_ON(IS_ERR(pdev)))
		return NULL;
	pdev->dev.coherent_dma_mask = DMA_BIT_MASK(64);
	return &pdev->dev;
}

size_t contract_device_destroy(struct device *dev)
{
	struct platform_device *pdev = to_platform_device(dev);
	size_t left;

	platform_device_del(pdev);
	left = atomic_long_read(&account_of(dev)->bytes);
	/* Whatever has that memory may look at its device once more. */
	if (!left)
		platform_device_put(pdev);
	return left;
}

size_t contract_dma_outstanding(struct device *dev)
{
	return atomic_long_read(&account_of(dev)->bytes);
}

bool contract_same_memory(const void *vaddr, dma_addr_t dma)
{
	return dma == virt_to_phys((void *)vaddr);
}

void contract_sleep_ms(unsigned int ms)
{
	msleep(ms);
}

void source_shrinker_register(struct shrinker *shrinker)
{
	mutex_lock(&shrinker_lock);
	the_shrinker = shrinker;
	mutex_unlock(&shrinker_lock);
	shrinker_register(shrinker);
}

void source_shrinker_free(struct shrinker *shrinker)
{
	mutex_lock(&shrinker_lock);
	the_shrinker = NULL;
	mutex_unlock(&shrinker_lock);
	shrinker_free(shrinker);
}

static unsigned long ask(struct shrinker *shrinker, unsigned long pages)
{
	struct shrink_control sc = { .gfp_mask = GFP_KERNEL, .nr_to_scan = pages };
	unsigned long got = shrinker->count_objects(shrinker, &sc);

	if (!got || got == SHRINK_EMPTY)
		return 0;
	got = shrinker->scan_objects(shrinker, &sc);
	return got == SHRINK_STOP ? 0 : got;
}

unsigned long contract_shrink(unsigned long pages)
{
	unsigned long got = 0;

	mutex_lock(&shrinker_lock);
	if (the_shrinker)
		got = ask(the_shrinker, pages);
	mutex_unlock(&shrinker_lock);
	return got;
}

/* By its path: a file's attribute is the pool's own. */
static struct file *open_pools_file(struct device *dev)
{
	char *path = kobject_get_path(&dev->kobj, GFP_KERNEL), *full;
	struct file *file = ERR_PTR(-ENOMEM);

	full = path ? kasprintf(GFP_KERNEL, "/sys%s/pools", path) : NULL;
	if (full)
		file = filp_open(full, O_RDONLY, 0);
	kfree(full);
	kfree(path);
	return file;
}

static ssize_t read_pools_file(struct device *dev, char *buf)
{
	struct file *file = open_pools_file(dev);
	ssize_t length;
	loff_t at = 0;

	if (IS_ERR(file))
		return PTR_ERR(file);
	length = kernel_read(file, buf, PAGE_SIZE - 1, &at);
	fput(file);
	buf[max(length, 0L)] = '\0';
	return length;
}

/* The file's calls are not the pool's: none of them is the one to fail. */
ssize_t contract_pools_file(struct device *dev, char *buf)
{
	unsigned int nth = contract_fail_nth(0);
	ssize_t length = read_pools_file(dev, buf);

	contract_fail_nth(nth);
	return length;
}

static bool find_row(char *text, const char *name, struct pools_row *row)
{
	size_t length = strlen(name);
	char *line;

	while ((line = strsep(&text, "\n")))
		if (!strncmp(line, name, length) && line[length] == ' ')
			return sscanf(line + length, "%zu %zu %zu %zu", &row->active,
				      &row->blocks, &row->stride, &row->pages) == 4;
	return false;
}

bool contract_pools_row(struct device *dev, const char *name, struct pools_row *row)
{
	unsigned int nth = contract_fail_nth(0);
	char *buf = kmalloc(PAGE_SIZE, GFP_KERNEL);
	bool found = false;

	if (buf && read_pools_file(dev, buf) >= 0)
		found = find_row(buf, name, row);
	kfree(buf);
	contract_fail_nth(nth);
	return found;
}
