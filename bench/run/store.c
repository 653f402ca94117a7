// SPDX-License-Identifier: GPL-2.0-only
/*
 * Minutes of measuring must not be lost to a disk that is full at their end: the stage
 * holds a file of the size that a result set may need from the start, and gives it up
 * for the results. Earlier result sets are never touched.
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "alloc.h"
#include "store.h"

#define RESERVE_NAME "reserve"

/* Of a result set: what is in any, and several times what a launch of a row takes. */
#define RESERVE_FIXED (1 << 20)
#define RESERVE_EACH 4096

static void complain(const char *path, int error)
{
	const char *mend = error == ENOSPC || error == EDQUOT ?
		"free some space or name another folder with --out" :
		"make it writable or name another folder with --out";

	warnx("%s: %s: %s", path, strerror(error), mend);
}

static int make_folders(char *path)
{
	char *slash = path;

	while ((slash = strchr(slash + 1, '/'))) {
		*slash = '\0';
		if (mkdir(path, 0777) && errno != EEXIST)
			return -1;
		*slash = '/';
	}
	return mkdir(path, 0777) && errno != EEXIST ? -1 : 0;
}

static void remove_stage(const struct store *store)
{
	DIR *dir = opendir(store->stage);
	struct dirent *entry;

	if (dir) {
		while ((entry = readdir(dir)))
			unlinkat(dirfd(dir), entry->d_name, 0);
		closedir(dir);
	}
	rmdir(store->stage);
}

static void set_time(struct store *store)
{
	time_t now = time(NULL);
	struct tm utc;

	gmtime_r(&now, &utc);
	strftime(store->stamp, sizeof(store->stamp), "%Y%m%dT%H%M%SZ", &utc);
	strftime(store->date, sizeof(store->date), "%Y-%m-%dT%H:%M:%S+00:00", &utc);
}

static bool stamp_is_taken(const struct store *store)
{
	size_t length = strlen(store->stamp);
	DIR *dir = opendir(store->folder);
	struct dirent *entry;
	bool taken = false;

	while (dir && !taken && (entry = readdir(dir)))
		taken = !strncmp(entry->d_name, store->stamp, length);
	if (dir)
		closedir(dir);
	return taken;
}

/*
 * A second belongs to one run. The stage is made before the look at what is complete:
 * another run of the same second is seen either way.
 */
static int claim_second(struct store *store)
{
	for (;;) {
		set_time(store);
		store->stage = xprintf("%s/.%s.tmp", store->folder, store->stamp);
		if (!mkdir(store->stage, 0777)) {
			if (!stamp_is_taken(store))
				return 0;
			rmdir(store->stage);
		} else if (errno != EEXIST) {
			return -1;
		}
		free(store->stage);
		store->stage = NULL;
		usleep(100 * 1000);
	}
}

static int set_room_aside(const struct store *store, size_t measurements)
{
	off_t bytes = RESERVE_FIXED + (off_t)measurements * RESERVE_EACH;
	char *path = store_path(store, RESERVE_NAME);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	int error = fd < 0 ? errno : posix_fallocate(fd, 0, bytes);

	if (fd >= 0)
		close(fd);
	free(path);
	return error;
}

static void store_free(struct store *store)
{
	free(store->folder);
	free(store->stage);
}

int store_open(struct store *store, const char *out, size_t measurements)
{
	struct utsname machine;
	int error;

	uname(&machine);
	*store = (struct store){ .folder = xprintf("%s/%s", out, machine.nodename) };
	if (make_folders(store->folder) || claim_second(store)) {
		complain(store->folder, errno);
		store_free(store);
		return -1;
	}
	error = set_room_aside(store, measurements);
	if (error) {
		complain(store->folder, error);
		store_discard(store);
		return -1;
	}
	return 0;
}

char *store_path(const struct store *store, const char *name)
{
	return xprintf("%s/%s", store->stage, name);
}

void store_discard(struct store *store)
{
	remove_stage(store);
	store_free(store);
}

/* The first error of them all counts: a full disk may show as late as in fclose(). */
static int dump(FILE *stream, const struct store_file *file)
{
	int error = 0;

	if (json_dumpf(file->document, stream, file->flags) ||
	    fputc('\n', stream) == EOF || fflush(stream) || fsync(fileno(stream)))
		error = errno;
	if (fclose(stream) && !error)
		error = errno;
	return error;
}

static int write_file(const struct store *store, const struct store_file *file)
{
	char *path = store_path(store, file->name);
	FILE *stream = fopen(path, "we");
	int error = stream ? dump(stream, file) : errno;

	free(path);
	return error;
}

static int write_all(const struct store *store, const struct store_file *files, size_t n)
{
	char *reserve = store_path(store, RESERVE_NAME);
	int error = 0;
	size_t i;

	unlink(reserve);
	free(reserve);
	for (i = 0; i < n && !error; i++)
		error = write_file(store, &files[i]);
	return error;
}

static char *final_path(const struct store *store, const char *revision)
{
	char *path = xprintf("%s/%s-%s", store->folder, store->stamp, revision);
	char *c;

	for (c = path + strlen(path) - strlen(revision); *c; c++)
		if (*c == '/')
			*c = '_';
	return path;
}

char *store_commit(struct store *store, const char *revision,
		   const struct store_file *files, size_t n)
{
	char *path = final_path(store, revision);
	int error = write_all(store, files, n);

	if (!error && rename(store->stage, path))
		error = errno;
	if (error) {
		complain(path, error);
		remove_stage(store);
		free(path);
		path = NULL;
	}
	store_free(store);
	return path;
}
