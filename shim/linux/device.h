/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-in for <linux/device.h>: devices with attributes that can be read, devres. */
#ifndef SHIM_LINUX_DEVICE_H
#define SHIM_LINUX_DEVICE_H

#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/nodemask_types.h>
#include <linux/slab.h>

struct device {
	const char *name;
	int numa_node;
	struct list_head dma_pools;
	struct list_head attributes;	/* what shim_device_read() finds */
	pthread_rwlock_t attributes_lock;
	struct list_head devres;	/* newest first, released in that order */
	struct mutex devres_lock;
	size_t coherent_bytes;		/* out of the page source's, by its lock */
};

struct attribute {
	const char *name;
	unsigned int mode;
};

struct device_attribute {
	struct attribute attr;
	ssize_t (*show)(struct device *dev, struct device_attribute *attr,
			char *buf);
};

#define DEVICE_ATTR_RO(_name)						\
	struct device_attribute dev_attr_##_name = {			\
		.attr = { .name = #_name, .mode = 0444 },		\
		.show = _name##_show,					\
	}

int device_create_file(struct device *dev, const struct device_attribute *attr);
void device_remove_file(struct device *dev, const struct device_attribute *attr);

int sysfs_emit(char *buf, const char *fmt, ...) __printf(2, 3);
int sysfs_emit_at(char *buf, int at, const char *fmt, ...) __printf(3, 4);

static inline const char *dev_name(const struct device *dev)
{
	return dev->name;
}

#define dev_err(dev, fmt, ...) \
	printk(KERN_ERR "%s: " fmt, dev_name(dev), ##__VA_ARGS__)

typedef void (*dr_release_t)(struct device *dev, void *res);
typedef int (*dr_match_t)(struct device *dev, void *res, void *match_data);

void *devres_alloc(dr_release_t release, size_t size, gfp_t gfp);
void devres_free(void *res);
void devres_add(struct device *dev, void *res);
int devres_release(struct device *dev, dr_release_t release, dr_match_t match,
		   void *match_data);

#endif
