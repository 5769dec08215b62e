// SPDX-License-Identifier: GPL-2.0-or-later
/* The file of the key of cookies: read, made, and wrong in each way. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../ktap.h"
#include "cookie_key.h"

static char folder[] = "/tmp/sluice-key-XXXXXX";
static char path[100], control[100], made[110];
static struct config_settings settings;
static uint8_t secret[STICKY_SECRET_SIZE];

static void put(size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	for (size_t i = 0; i < size; i++)
		if (write(fd, "k", 1) != 1)
			exit(1);
	close(fd);
}

/* Return: whether the file is refused with @expect, by -c too, and by nothing else. */
static bool refuses(int err, const char *expect)
{
	struct config_errors errors = { 0 };
	char *text = NULL;
	size_t length;
	FILE *to;
	bool right;

	right = cookie_key_read(&settings, secret, &errors) == err;
	cookie_key_check(&settings, &errors);
	to = open_memstream(&text, &length);
	config_errors_print(&errors, to);
	fclose(to);
	for (int i = 0; i < 2; i++) {
		const char *at = strstr(text, expect);

		right &= at != NULL;
		text[at ? at - text : 0] = 'X';
	}
	if (!right)
		printf("# %s\n", text);
	free(text);
	config_errors_free(&errors);
	return right;
}

static bool read_it(uint8_t to[STICKY_SECRET_SIZE])
{
	struct config_errors errors = { 0 };
	int err = cookie_key_read(&settings, to, &errors);

	if (err)
		config_errors_print(&errors, stdout);
	config_errors_free(&errors);
	return err == 0;
}

/* SHA-256 of 32 times "k". */
static bool known(void)
{
	static const uint8_t expect[] = { 0x5e, 0x31, 0x8f, 0x8c, 0xf9, 0xcb,
					  0xe2, 0x49, 0xa3, 0x08, 0x12, 0xb8,
					  0xca, 0x13, 0x2d, 0x69, 0x1d, 0xed,
					  0x7a, 0x91, 0x99, 0x14, 0x13, 0x55,
					  0x8d, 0xb5, 0x75, 0x85, 0x75, 0xf5,
					  0xe0, 0x1f };

	put(32);
	return read_it(secret) && memcmp(secret, expect, sizeof(expect)) == 0;
}

static bool made_once(void)
{
	uint8_t again[STICKY_SECRET_SIZE], other[STICKY_SECRET_SIZE];
	struct stat stat_;
	bool right;

	settings.cookie_key = NULL;
	right = read_it(secret) && read_it(again) &&
		memcmp(secret, again, sizeof(again)) == 0 &&
		stat(made, &stat_) == 0 && stat_.st_size == 32 &&
		(stat_.st_mode & 07777) == 0600;
	unlink(made);
	/* It is random. */
	right &= read_it(other) && memcmp(secret, other, sizeof(other)) != 0;
	unlink(made);
	return right;
}

/* What was left by one that was killed is not in the way. */
static bool half_made(void)
{
	char next[110];
	struct stat stat_;
	int fd;

	snprintf(next, sizeof(next), "%s.new", path);
	fd = open(next, O_WRONLY | O_CREAT, 0600);
	close(fd);
	return read_it(secret) && lstat(next, &stat_) < 0 &&
	       stat(path, &stat_) == 0 && stat_.st_size == 32;
}

static bool not_made_by_check(void)
{
	struct config_errors errors = { 0 };
	struct stat stat_;

	cookie_key_check(&settings, &errors);
	return !config_errors_any(&errors) && stat(path, &stat_) < 0;
}

static bool too_short(void)
{
	put(31);
	return refuses(-EINVAL, "it is too short to be a secret");
}

static bool too_long(void)
{
	put(65537);
	return refuses(-EINVAL, "it is too long");
}

static bool no_file(void)
{
	settings.cookie_key = folder;
	return refuses(-EINVAL, "it is no file");
}

static bool no_folder(void)
{
	struct config_errors errors = { 0 };
	char nowhere[120];
	bool right;

	snprintf(nowhere, sizeof(nowhere), "%s/none/key", folder);
	settings.cookie_key = nowhere;
	right = cookie_key_read(&settings, secret, &errors) == -ENOENT &&
		config_errors_any(&errors);
	config_errors_free(&errors);
	return right;
}

static const struct {
	const char *name;
	bool (*run)(void);
} tests[] = {
	{ "a file that is known", known },
	{ "a file that is made", made_once },
	{ "a file that was half made", half_made },
	{ "-c makes none", not_made_by_check },
	{ "a file that is too short", too_short },
	{ "a file that is too long", too_long },
	{ "a folder", no_file },
	{ "a folder that is not there", no_folder },
};

int main(void)
{
	struct ktap ktap = { 0 };

	ktap_begin();
	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof(path), "%s/key", folder);
	snprintf(control, sizeof(control), "%s/control", folder);
	snprintf(made, sizeof(made), "%s.key", control);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		settings.at.file = "t";
		settings.cookie_key = path;
		settings.control = control;
		ktap_result(&ktap, tests[i].run(), tests[i].name);
		unlink(path);
	}
	rmdir(folder);
	return ktap_end(&ktap);
}
