// SPDX-License-Identifier: GPL-2.0-only
/*
 * Looks at a block after it was freed, once, when loaded: KASAN must report it, if the
 * pool tells KASAN which blocks are free.  Blocks in use are looked at too, which it must
 * not report.
 */
#include <linux/dma-mapping.h>
#include <linux/dmapool.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/rcupdate.h>

#define SIZE	128
#define BLOCKS	100

static u8 *block[BLOCKS];
static dma_addr_t dma[BLOCKS];

static void get_blocks(struct dma_pool *pool)
{
	unsigned int i;

	for (i = 0; i < BLOCKS; i++) {
		block[i] = dma_pool_alloc(pool, GFP_KERNEL, &dma[i]);
		if (block[i])
			memset(block[i], i, SIZE);
	}
}

static void put_blocks(struct dma_pool *pool)
{
	unsigned int i;

	for (i = 0; i < BLOCKS; i++)
		if (block[i])
			dma_pool_free(pool, block[i], dma[i]);
}

static int __init uaf_init(void)
{
	struct platform_device *device;
	struct dma_pool *pool;
	int err = -ENOMEM;

	device = platform_device_register_simple(KBUILD_MODNAME, PLATFORM_DEVID_NONE,
						 NULL, 0);
	if (IS_ERR(device))
		return PTR_ERR(device);
	err = dma_coerce_mask_and_coherent(&device->dev, DMA_BIT_MASK(64));
	pool = err ? NULL : dma_pool_create("uaf", &device->dev, SIZE, 0, 0);
	if (pool) {
		get_blocks(pool);
		put_blocks(pool);
		get_blocks(pool);
		put_blocks(pool);
		pr_info("looking at a freed block\n");
		if (block[0])
			READ_ONCE(block[0][SIZE / 2]);
		dma_pool_destroy(pool);
	}
	platform_device_unregister(device);
	return pool ? 0 : -ENOMEM;
}
module_init(uaf_init);

static void __exit uaf_exit(void)
{
	/* The pool's RCU callbacks may have done their work, but not returned. */
	rcu_barrier();
}
module_exit(uaf_exit);

MODULE_DESCRIPTION("dmapool-bench: a use after free of a block of " VARIANT_NAME);
MODULE_LICENSE("GPL");
