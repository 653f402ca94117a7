// SPDX-License-Identifier: GPL-2.0-only
/* Devices: attribute files that can be read, managed resources. */
#include <errno.h>
#include <linux/device.h>
#include <linux/string.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "internal.h"
#include "shim.h"

struct attr_file {
	struct list_head entry;
	const struct device_attribute *attr;
};

struct resource {
	struct list_head entry;
	dr_release_t release;
	long data[];
};

struct device *shim_device_create(const char *name, int node)
{
	struct device *dev = calloc(1, sizeof(*dev));

	if (!dev)
		return NULL;
	dev->name = strdup(name);
	dev->numa_node = node;
	dev->coherent_dma_mask = ~0ULL;
	INIT_LIST_HEAD(&dev->dma_pools);
	INIT_LIST_HEAD(&dev->attributes);
	INIT_LIST_HEAD(&dev->devres);
	mutex_init(&dev->lock);
	return dev;
}

static struct resource *pop_resource(struct device *dev)
{
	struct resource *res = NULL;

	mutex_lock(&dev->lock);
	if (!list_empty(&dev->devres)) {
		res = list_first_entry(&dev->devres, struct resource, entry);
		list_del(&res->entry);
	}
	mutex_unlock(&dev->lock);
	return res;
}

size_t shim_device_destroy(struct device *dev)
{
	struct resource *res;
	size_t leaked;

	while ((res = pop_resource(dev))) {
		res->release(dev, res->data);
		kfree(res);
	}
	leaked = dev->coherent_bytes;
	free((void *)dev->name);
	free(dev);
	return leaked;
}

static struct attr_file *find_attr(struct device *dev, const char *name)
{
	struct attr_file *file;

	list_for_each_entry(file, &dev->attributes, entry)
		if (!strcmp(file->attr->attr.name, name))
			return file;
	return NULL;
}

ssize_t shim_device_read(struct device *dev, const char *name, char *buf)
{
	const struct device_attribute *attr = NULL;
	struct attr_file *file;

	mutex_lock(&dev->lock);
	file = find_attr(dev, name);
	if (file)
		attr = file->attr;
	mutex_unlock(&dev->lock);
	if (!attr)
		return -ENOENT;
	return attr->show(dev, (struct device_attribute *)attr, buf);
}

int device_create_file(struct device *dev, const struct device_attribute *attr)
{
	struct attr_file *file = kmalloc(sizeof(*file), GFP_KERNEL);
	int ret = 0;

	if (!file)
		return -ENOMEM;
	file->attr = attr;
	mutex_lock(&dev->lock);
	if (find_attr(dev, attr->attr.name))
		ret = -EEXIST;
	else
		list_add(&file->entry, &dev->attributes);
	mutex_unlock(&dev->lock);
	if (ret)
		kfree(file);
	return ret;
}

void device_remove_file(struct device *dev, const struct device_attribute *attr)
{
	struct attr_file *file;

	mutex_lock(&dev->lock);
	file = find_attr(dev, attr->attr.name);
	if (file)
		list_del(&file->entry);
	mutex_unlock(&dev->lock);
	kfree(file);
}

static int emit(char *buf, int at, const char *fmt, va_list args)
{
	int room = PAGE_SIZE - at;
	int n;

	if (WARN_ON(at < 0 || room <= 0))
		return 0;
	n = vsnprintf(buf + at, room, fmt, args);
	return min(n, room - 1);
}

int sysfs_emit(char *buf, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = emit(buf, 0, fmt, args);
	va_end(args);
	return n;
}

int sysfs_emit_at(char *buf, int at, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = emit(buf, at, fmt, args);
	va_end(args);
	return n;
}

static struct resource *to_resource(void *data)
{
	return container_of(data, struct resource, data);
}

void *devres_alloc(dr_release_t release, size_t size, gfp_t gfp)
{
	struct resource *res = kzalloc(sizeof(*res) + size, gfp);

	if (!res)
		return NULL;
	res->release = release;
	return res->data;
}

void devres_free(void *data)
{
	if (data)
		kfree(to_resource(data));
}

void devres_add(struct device *dev, void *data)
{
	mutex_lock(&dev->lock);
	list_add(&to_resource(data)->entry, &dev->devres);
	mutex_unlock(&dev->lock);
}

int devres_release(struct device *dev, dr_release_t release, dr_match_t match,
		   void *match_data)
{
	struct resource *res;

	mutex_lock(&dev->lock);
	list_for_each_entry(res, &dev->devres, entry) {
		if (res->release != release || !match(dev, res->data, match_data))
			continue;
		list_del(&res->entry);
		mutex_unlock(&dev->lock);
		release(dev, res->data);
		kfree(res);
		return 0;
	}
	mutex_unlock(&dev->lock);
	return -ENOENT;
}
