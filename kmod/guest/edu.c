// SPDX-License-Identifier: GPL-2.0-only
/*
 * Real DMA from and to a pool's blocks, by QEMU's "edu" device: block, device, another
 * block, compare.  And a device that misbehaves: it writes to a block that was freed,
 * after which the pool's next blocks are looked at, but not touched.  All of it happens
 * when the device is found; the parameters say how it went.
 */
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/dmapool.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/rcupdate.h>

/* docs/specs/edu.rst of QEMU's */
#define EDU_SOURCE	0x80
#define EDU_TARGET	0x88
#define EDU_COUNT	0x90
#define EDU_COMMAND	0x98
#define EDU_START	BIT(0)
#define EDU_TO_MEMORY	BIT(1)
#define EDU_BUFFER	0x40000		/* as an address of the device's */
#define EDU_DMA_BITS	28

#define POLL_MS		5
#define PATIENCE_MS	10000

#define ATTACK_SIZE	64
#define ATTACK_BLOCKS	128
#define ATTACK_BYTE	0x41

struct edu {
	struct pci_dev *pdev;
	void __iomem *registers;
};

struct block {
	u8 *vaddr;
	dma_addr_t dma;
	bool ours;
};

static bool attack;
module_param(attack, bool, 0444);
MODULE_PARM_DESC(attack, "The device also writes to a freed block (0)");

static int copied, wrong;
module_param(copied, int, 0444);
MODULE_PARM_DESC(copied, "Bytes that went from block to block");
module_param(wrong, int, 0444);
MODULE_PARM_DESC(wrong, "How many of them, or of those beside, are wrong");
static bool iommu, finished;
module_param(iommu, bool, 0444);
MODULE_PARM_DESC(iommu, "Whether the device is behind an IOMMU");
module_param(finished, bool, 0444);
MODULE_PARM_DESC(finished, "Whether everything was tried");
static int misled = -1;
module_param(misled, int, 0444);
MODULE_PARM_DESC(misled, "After the attack, 1: a wrong block came, 0: none");

static int transfer(struct edu *edu, u32 source, u32 target, u32 count, u32 direction)
{
	unsigned int waited;

	writel(source, edu->registers + EDU_SOURCE);
	writel(target, edu->registers + EDU_TARGET);
	writel(count, edu->registers + EDU_COUNT);
	/* writel() orders what the CPU wrote to the block before it. */
	writel(direction | EDU_START, edu->registers + EDU_COMMAND);
	for (waited = 0; waited < PATIENCE_MS; waited += POLL_MS) {
		msleep(POLL_MS);
		if (!(readl(edu->registers + EDU_COMMAND) & EDU_START))
			return 0;
	}
	/* What was started must not happen once the blocks are somebody else's. */
	pci_clear_master(edu->pdev);
	return -ETIMEDOUT;
}

static int from_block(struct edu *edu, const struct block *block, u32 count)
{
	return transfer(edu, block->dma, EDU_BUFFER, count, 0);
}

static int to_block(struct edu *edu, const struct block *block, u32 count)
{
	return transfer(edu, EDU_BUFFER, block->dma, count, EDU_TO_MEMORY);
}

static u8 pattern(unsigned int i)
{
	return i * 7 + i / 256 + 1;
}

static unsigned int count_wrong(const u8 *data, unsigned int size, bool is_pattern)
{
	unsigned int i, n = 0;

	for (i = 0; i < size; i++)
		n += data[i] != (is_pattern ? pattern(i) : 0);
	return n;
}

/* The second of four blocks to the third; the first and last lie beside them. */
static int copy(struct edu *edu, struct block *block, unsigned int size)
{
	unsigned int i;
	int err;

	for (i = 0; i < size; i++)
		block[1].vaddr[i] = pattern(i);
	err = from_block(edu, &block[1], size);
	if (!err)
		err = to_block(edu, &block[2], size);
	if (err)
		return err;
	copied += size;
	for (i = 0; i < 4; i++)
		wrong += count_wrong(block[i].vaddr, size, i == 1 || i == 2);
	return 0;
}

static unsigned int get_blocks(struct dma_pool *pool, struct block *block,
			       unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		block[i].vaddr = dma_pool_zalloc(pool, GFP_KERNEL, &block[i].dma);
		if (!block[i].vaddr)
			break;
		block[i].ours = true;
	}
	return i;
}

static void put_blocks(struct dma_pool *pool, struct block *block, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (block[i].ours)
			dma_pool_free(pool, block[i].vaddr, block[i].dma);
		block[i].ours = false;
	}
}

static int copy_size(struct edu *edu, unsigned int size)
{
	struct block block[4];
	struct dma_pool *pool;
	unsigned int nr;
	int err = -ENOMEM;

	pool = dma_pool_create("edu", &edu->pdev->dev, size, 0, 0);
	if (!pool)
		return err;
	nr = get_blocks(pool, block, ARRAY_SIZE(block));
	if (nr == ARRAY_SIZE(block))
		err = copy(edu, block, size);
	put_blocks(pool, block, nr);
	dma_pool_destroy(pool);
	return err;
}

/* Whether it is one of those that were freed, and not yet handed out again. */
static bool is_known(struct block *block, u8 *vaddr, dma_addr_t dma)
{
	unsigned int i;
	bool known;

	for (i = 0; i < ATTACK_BLOCKS; i++)
		if (block[i].vaddr == vaddr)
			break;
	known = i < ATTACK_BLOCKS && !block[i].ours && block[i].dma == dma;
	if (i < ATTACK_BLOCKS)
		block[i].ours = true;
	return known;
}

/* Ends at the first block that is wrong: the next might lie anywhere. */
static bool all_are_right(struct dma_pool *pool, struct block *block)
{
	unsigned int i;
	dma_addr_t dma;
	u8 *vaddr;

	for (i = 1; i < ATTACK_BLOCKS; i++) {
		vaddr = dma_pool_alloc(pool, GFP_KERNEL, &dma);
		if (!is_known(block, vaddr, dma)) {
			pr_info("block %u of %u after the attack: %p, DMA address %pad\n",
				i, ATTACK_BLOCKS - 1, vaddr, &dma);
			return false;
		}
	}
	return true;
}

/* The block that is freed last is written to: the next to go out, in most pools. */
static int attack_blocks(struct edu *edu, struct dma_pool *pool, struct block *block)
{
	int err;

	memset(block[0].vaddr, ATTACK_BYTE, ATTACK_SIZE);
	err = from_block(edu, &block[0], ATTACK_SIZE);
	if (err)
		return err;
	put_blocks(pool, block + 1, ATTACK_BLOCKS - 1);
	err = to_block(edu, &block[ATTACK_BLOCKS - 1], ATTACK_SIZE);
	if (!err)
		misled = !all_are_right(pool, block);
	return err;
}

static int attack_pool(struct edu *edu)
{
	struct dma_pool *pool;
	struct block *block;
	unsigned int nr;
	int err = -ENOMEM;

	block = kcalloc(ATTACK_BLOCKS, sizeof(*block), GFP_KERNEL);
	if (!block)
		return err;
	pool = dma_pool_create("attacked", &edu->pdev->dev, ATTACK_SIZE, 0, 0);
	if (!pool)
		goto free_block;
	nr = get_blocks(pool, block, ATTACK_BLOCKS);
	if (nr == ATTACK_BLOCKS)
		err = attack_blocks(edu, pool, block);
	put_blocks(pool, block, nr);
	dma_pool_destroy(pool);
free_block:
	kfree(block);
	return err;
}

static int edu_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	static const unsigned int sizes[] = { 64, 256, 2048 };
	struct edu edu = { .pdev = pdev };
	unsigned int i;
	int err;

	err = pcim_enable_device(pdev);
	if (err)
		return err;
	edu.registers = pcim_iomap(pdev, 0, 0);
	if (!edu.registers)
		return -ENOMEM;
	err = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(EDU_DMA_BITS));
	if (err)
		return err;
	pci_set_master(pdev);
	iommu = device_iommu_mapped(&pdev->dev);
	for (i = 0; i < ARRAY_SIZE(sizes) && !err; i++)
		err = copy_size(&edu, sizes[i]);
	if (!err && attack)
		err = attack_pool(&edu);
	finished = !err;
	return err;
}

static const struct pci_device_id edu_ids[] = {
	{ PCI_DEVICE(0x1234, 0x11e8) },
	{ }
};

static struct pci_driver edu_driver = {
	.name = KBUILD_MODNAME,
	.id_table = edu_ids,
	.probe = edu_probe,
};

static int __init edu_init(void)
{
	return pci_register_driver(&edu_driver);
}
module_init(edu_init);

static void __exit edu_exit(void)
{
	pci_unregister_driver(&edu_driver);
	/* The pool's RCU callbacks may have done their work, but not returned. */
	rcu_barrier();
}
module_exit(edu_exit);

MODULE_DESCRIPTION("dmapool-bench: DMA to and from blocks of " VARIANT_NAME);
MODULE_LICENSE("GPL");
