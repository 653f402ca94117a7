// SPDX-License-Identifier: GPL-2.0-only
/* Devices: attribute files that can be read, managed resources. */
#include <errno.h>
#include <linux/device.h>
#include <linux/string.h>
#include <stdarg.h>
#include <stdlib.h>

#include "shim.h"

struct attr_file {
	struct list_head entry;
	struct device_attribute *attr;
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
	if (!dev->name) {
		free(dev);
		return NULL;
	}
	dev->numa_node = node;
	INIT_LIST_HEAD(&dev->dma_pools);
	INIT_LIST_HEAD(&dev->attributes);
	INIT_LIST_HEAD(&dev->devres);
	pthread_rwlock_init(&dev->attributes_lock, NULL);
	mutex_init(&dev->devres_lock);
	return dev;
}

static struct resource *pop_resource(struct device *dev)
{
	struct resource *res = NULL;

	mutex_lock(&dev->devres_lock);
	if (!list_empty(&dev->devres)) {
		res = list_first_entry(&dev->devres, struct resource, entry);
		list_del(&res->entry);
	}
	mutex_unlock(&dev->devres_lock);
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

/* Held while it shows, so that removing a file waits for its readers, as in sysfs. */
ssize_t shim_device_read(struct device *dev, const char *name, char *buf)
{
	struct attr_file *file;
	ssize_t len = -ENOENT;

	pthread_rwlock_rdlock(&dev->attributes_lock);
	file = find_attr(dev, name);
	if (file)
		len = file->attr->show ? file->attr->show(dev, file->attr, buf) : -EIO;
	pthread_rwlock_unlock(&dev->attributes_lock);
	return len;
}

int device_create_file(struct device *dev, const struct device_attribute *attr)
{
	struct attr_file *file = kmalloc(sizeof(*file), GFP_KERNEL);
	int ret = 0;

	if (!file)
		return -ENOMEM;
	file->attr = (struct device_attribute *)attr;
	pthread_rwlock_wrlock(&dev->attributes_lock);
	if (find_attr(dev, attr->attr.name))
		ret = -EEXIST;
	else
		list_add(&file->entry, &dev->attributes);
	pthread_rwlock_unlock(&dev->attributes_lock);
	if (ret)
		kfree(file);
	return ret;
}

void device_remove_file(struct device *dev, const struct device_attribute *attr)
{
	struct attr_file *file;

	might_sleep();
	pthread_rwlock_wrlock(&dev->attributes_lock);
	file = find_attr(dev, attr->attr.name);
	if (file)
		list_del(&file->entry);
	pthread_rwlock_unlock(&dev->attributes_lock);
	kfree(file);
}

/* An attribute's buffer is one page. */
static int emit(char *buf, int at, const char *fmt, va_list args)
{
	if (WARN_ON(at < 0 || at >= (int)PAGE_SIZE))
		return 0;
	return vscnprintf(buf + at, PAGE_SIZE - at, fmt, args);
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
	mutex_lock(&dev->devres_lock);
	list_add(&to_resource(data)->entry, &dev->devres);
	mutex_unlock(&dev->devres_lock);
}

static struct resource *take_match(struct device *dev, dr_release_t release,
				   dr_match_t match, void *match_data)
{
	struct resource *res, *found = NULL;

	mutex_lock(&dev->devres_lock);
	list_for_each_entry(res, &dev->devres, entry) {
		if (res->release == release && match(dev, res->data, match_data)) {
			list_del(&res->entry);
			found = res;
			break;
		}
	}
	mutex_unlock(&dev->devres_lock);
	return found;
}

void *devres_remove(struct device *dev, dr_release_t release, dr_match_t match,
		    void *match_data)
{
	struct resource *res = take_match(dev, release, match, match_data);

	return res ? res->data : NULL;
}

int devres_destroy(struct device *dev, dr_release_t release, dr_match_t match,
		   void *match_data)
{
	void *data = devres_remove(dev, release, match, match_data);

	devres_free(data);
	return data ? 0 : -ENOENT;
}

int devres_release(struct device *dev, dr_release_t release, dr_match_t match,
		   void *match_data)
{
	struct resource *res = take_match(dev, release, match, match_data);

	if (!res)
		return -ENOENT;
	release(dev, res->data);
	kfree(res);
	return 0;
}
