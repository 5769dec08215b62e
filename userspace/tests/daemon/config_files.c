// SPDX-License-Identifier: GPL-2.0-or-later
/* Files that include others: what is put together, and what is refused. */
#include <errno.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/files.h"
#include "config_text.h"

#define POOL "pools: {p: {}}\n"

static struct ktap ktap;

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	if (!file || fputs(text, file) == EOF || fclose(file) == EOF)
		abort();
}

static void loads(const char *name, const char *path, const char *expect)
{
	struct config_errors errors = { 0 };
	struct config *config = config_load(path, &errors);

	check_errors(&ktap, name, config, &errors, expect);
}

static int remove_one(const char *path, const struct stat *st, int flag,
		      struct FTW *at)
{
	(void)st;
	(void)flag;
	return at->level ? remove(path) : 0;
}

/* An empty folder for the next case. */
static void clear(void)
{
	if (nftw(".", remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
		abort();
}

static void test_merged(void)
{
	struct config_errors errors = { 0 };
	struct config *config;

	put("main.yaml", "version: 1\n"
			 "include: [conf.d/*.yaml, none.d/*, last.yaml]\n"
			 "settings: {threads: 2}\n"
			 "pools: {m: {}}\n");
	if (mkdir("conf.d", 0700) != 0 || mkdir("conf.d/deep", 0700) != 0)
		abort();
	put("conf.d/b.yaml",
	    "services: {b: {address: 192.0.2.2:80, pool: a}}\n");
	put("conf.d/a.yaml", "version: 1\n"
			     "include: deep/*\n"
			     "pools: {a: {check: c}}\n");
	put("conf.d/deep/c", "checks: {c: {type: tcp}}\n");
	put("last.yaml", "settings: {user: nobody}\n"
			 "pools: {l: {}}\n");
	config = config_load("main.yaml", &errors);
	if (!config)
		abort();
	ktap_result(&ktap,
		    !config_errors_any(&errors) && config->pools.count == 3 &&
			    config->services.count == 1 &&
			    config->checks.count == 1,
		    "sections of all files are put together");
	ktap_result(&ktap,
		    config->settings->threads == 2 &&
			    strcmp(config->settings->user, "nobody") == 0,
		    "settings are, too");
	ktap_result(&ktap,
		    strcmp(config_check_lookup(config, "c")->at.file,
			   "conf.d/deep/c") == 0,
		    "an object knows its file");
	free(text_of_errors(&errors));
	config_free(config);
	clear();
}

static void test_twins(void)
{
	put("main.yaml", "version: 1\n"
			 "include: '?.yaml'\n"
			 "settings: {threads: 2}\n" POOL);
	put("a.yaml", "settings: {threads: 3}\n"
		      "services:\n"
		      "  s: {address: 192.0.2.1:80, pool: p}\n");
	put("b.yaml", POOL "services:\n"
			   "  t: {address: 192.0.2.1:80, pool: p}\n"
			   "  s: {address: 192.0.2.2:80, pool: p}\n");
	loads("what two files have says both places", "main.yaml",
	      "a.yaml:1:12: settings.threads: given twice, first at main.yaml:3:12; give it once\n"
	      "b.yaml:1:9: pools.p: given twice, first at main.yaml:4:9; give it once\n"
	      "b.yaml:3:7: services.t.address: protocol, address and port of service 's' at a.yaml:3:3; each service has its own\n"
	      "b.yaml:4:3: services.s: given twice, first at a.yaml:3:3; give it once\n");
	clear();
}

static void test_errors_elsewhere(void)
{
	put("main.yaml", "version: 1\n"
			 "include: [a.yaml, b.yaml, missing.yaml]\n"
			 "services: {s: {address: 192.0.2.1:80, pool: a}}\n");
	put("a.yaml", "pools:\n\ta: {}\n");
	put("b.yaml", "version: 2\n"
		      "pools: {b: {drain: 1}}\n");
	loads("each error names its own file, and what is missing may be in another",
	      "main.yaml",
	      "a.yaml:2:1: not YAML: found character that cannot start any token while scanning for the next token; indent by spaces, not by tabs\n"
	      "b.yaml:1:1: version: given twice, first at main.yaml:1:1; give it once\n"
	      "b.yaml:2:20: pools.b.drain: '1'; not a time from 0ms to 1d, as in 500ms, 10s, 5m, 1h or 2d\n"
	      "main.yaml:2:27: include: missing.yaml: no such file; give one that is there, or a pattern\n");
	clear();
}

static void test_loops(void)
{
	put("main.yaml", "version: 1\ninclude: a.yaml\n");
	put("a.yaml", "include: b.yaml\n");
	put("b.yaml", "include: [a.yaml, main.yaml]\n");
	loads("files that include each other", "main.yaml",
	      "b.yaml:1:11: include: a.yaml: includes itself; take it out\n"
	      "b.yaml:1:19: include: main.yaml: includes itself; take it out\n");
	clear();

	put("main.yaml", "version: 1\ninclude: ['*.yaml', a.yaml]\n");
	put("a.yaml", POOL);
	loads("a pattern that fits its own file, and a file that comes twice",
	      "main.yaml",
	      "main.yaml:2:11: include: main.yaml: includes itself; take it out\n"
	      "main.yaml:2:21: include: a.yaml: included already; include it once\n");
	clear();
}

static void test_depth(void)
{
	char path[16], text[48];

	put("0", "version: 1\ninclude: '1'\n");
	for (int i = 1; i < 12; i++) {
		snprintf(path, sizeof(path), "%d", i);
		snprintf(text, sizeof(text), "include: '%d'\n", i + 1);
		put(path, text);
	}
	loads("files that include others without end", "0",
	      "7:1:10: include: 8: the 9th file that includes another; 8 is the limit\n");
	clear();
}

static void test_no_files(void)
{
	loads("no file", "main.yaml", "main.yaml: No such file or directory\n");
	loads("a folder", ".", ".: not a regular file; give one\n");
	if (mkfifo("pipe", 0600) != 0)
		abort();
	loads("a pipe without a writer", "pipe",
	      "pipe: not a regular file; give one\n");
	put("large", "");
	if (truncate("large", CONFIG_FILE_MAX + 1) != 0)
		abort();
	loads("a file that is too large", "large",
	      "large: larger than 16 MB; that is the limit\n");
	put("empty", "");
	loads("a file without anything in it", "empty",
	      "empty:1:1: nothing in it; a configuration begins with 'version: 1'\n");
	put("main.yaml", "version: 1\ninclude: [pipe, {a: b}, [c], '']\n");
	loads("what is no file to include", "main.yaml",
	      "main.yaml:2:11: include: pipe: not a regular file; give one\n"
	      "main.yaml:2:17: include: not a name or pattern, as in conf.d/*.yaml\n"
	      "main.yaml:2:17: include[2]: a map; give a text\n"
	      "main.yaml:2:25: include: not a name or pattern, as in conf.d/*.yaml\n"
	      "main.yaml:2:25: include[3]: a list; give a text\n"
	      "main.yaml:2:30: include: not a name or pattern, as in conf.d/*.yaml\n"
	      "main.yaml:2:30: include[4]: an empty text; give a text, or leave the key out\n");
	clear();
}

/* Together they are too large: nothing is in them but what no YAML has. */
static void test_too_much(void)
{
	char path[] = "0.yaml";

	put("main.yaml", "version: 1\ninclude: '?.yaml'\n");
	for (; path[0] < '4'; path[0]++) {
		put(path, "");
		if (truncate(path, CONFIG_FILE_MAX) != 0)
			abort();
	}
	loads("files that are too large together", "main.yaml",
	      "0.yaml:1:1: not a text: control characters are not allowed; the file has to be UTF-8 without control characters\n"
	      "1.yaml:1:1: not a text: control characters are not allowed; the file has to be UTF-8 without control characters\n"
	      "2.yaml:1:1: not a text: control characters are not allowed; the file has to be UTF-8 without control characters\n"
	      "main.yaml:2:10: include: 3.yaml: larger than 64 MB with the files before it; that is the limit\n");
	clear();
}

static void test_no_folder(void)
{
	put("main.yaml", "version: 1\ninclude: 'loop/*.yaml'\n");
	if (symlink("loop", "loop") != 0)
		abort();
	loads("a folder that leads to itself", "main.yaml",
	      "main.yaml:2:10: include: loop/*.yaml: the folder cannot be read\n");
	clear();
}

/* 1000 files are read, the next one is not. */
static void test_many(void)
{
	char path[16];

	put("main.yaml", "version: 1\ninclude: 'f*'\n");
	for (int i = 0; i < CONFIG_FILES_MAX; i++) {
		snprintf(path, sizeof(path), "f%03d", i);
		put(path, "pools: {}\n");
	}
	loads("very many files", "main.yaml",
	      "main.yaml:2:10: include: f999: the 1001st file; 1000 is the limit\n");
	clear();
}

int main(void)
{
	char folder[] = "/tmp/sluice-config.XXXXXX";

	ktap_begin();
	if (!mkdtemp(folder) || chdir(folder) != 0)
		abort();
	test_merged();
	test_twins();
	test_errors_elsewhere();
	test_loops();
	test_depth();
	test_no_files();
	test_too_much();
	test_no_folder();
	test_many();
	rmdir(folder);
	return ktap_end(&ktap);
}
