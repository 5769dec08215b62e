// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/node.h"
#include "cookie_key.h"
#include "log.h"

#define SIZE_MIN 32
#define SIZE_MAX_READ 65536

_Static_assert(STICKY_SECRET_SIZE == 32, "SHA-256 is as long");

static int add_error(const struct config_settings *settings, const char *path,
		     int err, const char *what, struct config_errors *errors)
{
	config_error_add(
		errors, config_place_of_key(settings->at, "cookie-key"),
		"settings.cookie-key: %s: %s; a file of 32 to 65536 random bytes is expected",
		path, what ? what : strerror(-err));
	return err;
}

static int write_all(int fd, const uint8_t *bytes, size_t size)
{
	while (size > 0) {
		ssize_t written = write(fd, bytes, size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return written ? -errno : -EIO;
		bytes += written;
		size -= (size_t)written;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

/* Whole or not at all; nobody else makes it, for there is one daemon. */
static int make(const char *path)
{
	uint8_t bytes[SIZE_MIN];
	char next[PATH_MAX];
	int fd, err;

	if (snprintf(next, sizeof(next), "%s.new", path) >= (int)sizeof(next))
		return -ENAMETOOLONG;
	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return -EIO;
	/* Of one that was killed. */
	unlink(next);
	fd = open(next, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	err = write_all(fd, bytes, sizeof(bytes));
	explicit_bzero(bytes, sizeof(bytes));
	if (close(fd) < 0 && !err)
		err = -errno;
	if (!err && rename(next, path) < 0)
		err = -errno;
	if (err)
		unlink(next);
	return err;
}

/* Return: a descriptor, or a negative errno, with @what it is if that says nothing. */
static int open_file(const char *path, const char **what)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat stat_;

	*what = NULL;
	if (fd < 0)
		return -errno;
	if (fstat(fd, &stat_) < 0 || !S_ISREG(stat_.st_mode))
		*what = "it is no file";
	else if (stat_.st_size < SIZE_MIN)
		*what = "it is too short to be a secret";
	else if (stat_.st_size > SIZE_MAX_READ)
		*what = "it is too long";
	if (*what) {
		close(fd);
		return -EINVAL;
	}
	if (stat_.st_mode & S_IROTH)
		log_warning(((struct log_field[]){ { "file", path }, { 0 } }),
			    "everybody may read the key of cookies");
	return fd;
}

static int digest(int fd, uint8_t secret[STICKY_SECRET_SIZE])
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	uint8_t bytes[4096];
	ssize_t got = 1;
	bool right = md && EVP_DigestInit_ex(md, EVP_sha256(), NULL);
	int err = 0;

	while (right && got != 0) {
		got = read(fd, bytes, sizeof(bytes));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			err = -errno;
		if (got < 0)
			break;
		right = EVP_DigestUpdate(md, bytes, (size_t)got);
	}
	right = right && !err && EVP_DigestFinal_ex(md, secret, NULL);
	EVP_MD_CTX_free(md);
	explicit_bzero(bytes, sizeof(bytes));
	return right ? 0 : err ? err : -ENOMEM;
}

static const char *path_of(const struct config_settings *settings,
			   char path[PATH_MAX])
{
	if (settings->cookie_key)
		return settings->cookie_key;
	snprintf(path, PATH_MAX, "%s.key", settings->control);
	return path;
}

int cookie_key_read(const struct config_settings *settings,
		    uint8_t secret[STICKY_SECRET_SIZE],
		    struct config_errors *errors)
{
	char buffer[PATH_MAX];
	const char *path = path_of(settings, buffer), *what;
	int fd = open_file(path, &what), err;

	if (fd == -ENOENT) {
		err = make(path);
		if (err)
			return add_error(settings, path, err, NULL, errors);
		log_debug(((struct log_field[]){ { "file", path }, { 0 } }),
			  "a new key for cookies was made");
		fd = open_file(path, &what);
	}
	if (fd < 0)
		return add_error(settings, path, fd, what, errors);
	err = digest(fd, secret);
	close(fd);
	return err ? add_error(settings, path, err, NULL, errors) : 0;
}

void cookie_key_check(const struct config_settings *settings,
		      struct config_errors *errors)
{
	const char *what;
	int fd;

	/* The other one is ours, and maybe not for whoever checks. */
	if (!settings->cookie_key)
		return;
	fd = open_file(settings->cookie_key, &what);
	if (fd >= 0)
		close(fd);
	else if (fd != -ENOENT)
		add_error(settings, settings->cookie_key, fd, what, errors);
}
