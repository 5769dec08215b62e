// SPDX-License-Identifier: GPL-2.0-or-later
/* sluiced: the daemon of Sluice. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "background.h"
#include "config/config.h"
#include "config/json_schema.h"
#include "place.h"
#include "run.h"
#include "trial.h"

#define FILE_DEFAULT "/etc/sluice/sluiced.yaml"

enum {
	DONE = 0,
	FAILED = 1,
	USAGE = 2,
};

/* What is asked for. */
struct request {
	const char *file;
	const char *check;
	bool explain;
	bool schema;
	bool take_over;
	bool background;
	bool help;
	bool version;
};

static int usage_error(const char *format, const char *word)
{
	fputs("sluiced: ", stderr);
	fprintf(stderr, format, word);
	fputs("; try --help\n", stderr);
	return USAGE;
}

static void print_help(void)
{
	printf("usage: sluiced [-f FILE] [--take-over [--background]]\n"
	       "       sluiced -c FILE [--explain]\n"
	       "       sluiced --schema\n"
	       "\n"
	       "  -f, --file FILE    run this configuration, by default\n"
	       "                     " FILE_DEFAULT "\n"
	       "      --take-over    in place of the sluiced that runs, which serves its clients to\n"
	       "                     their end, and goes on if this one cannot be started\n"
	       "      --background   with --take-over: go on in the background, and end here when\n"
	       "                     it has taken over\n"
	       "  -c, --check FILE   read a configuration and all that it includes, and say what\n"
	       "                     is wrong with it, all at once\n"
	       "      --explain      with -c: for each service and route, the stratum that it\n"
	       "                     runs in, and why a lower one cannot serve it\n"
	       "      --schema       print the JSON schema of configurations, for editors\n"
	       "  -h, --help         print this\n"
	       "  -v, --version      print the version\n"
	       "\n"
	       "It runs in the foreground. SIGHUP reads the configuration again, SIGUSR1 opens the\n"
	       "log file and all access logs again, SIGTERM ends it: the kernel module goes on with\n"
	       "what it has. The exit status is 0 if all is right, 1 if something is not, 2 for a\n"
	       "wrong command line. See sluiced(8), and sluiced.yaml(5) for the format.\n");
}

static int check_file(const struct request *request)
{
	struct config_errors errors = { 0 };
	struct config *config = config_load(request->check, &errors);
	int status;

	/* Where something is unclear, nothing is explained. */
	if (request->explain && !config_errors_any(&errors)) {
		place_explain(config, PLACE_BUILT, stdout);
		place_remark(config, place_loaded(), stdout);
	}
	if (config)
		trial(config, PLACE_BUILT, NULL, &errors);
	status = config_errors_any(&errors) ? FAILED : DONE;
	/* The table comes before what is wrong with it. */
	fflush(stdout);
	config_errors_print(&errors, stderr);
	config_errors_free(&errors);
	config_free(config);
	return status;
}

static int parse(struct request *request, int argc, char *argv[])
{
	enum {
		OPT_EXPLAIN = 256,
		OPT_SCHEMA,
		OPT_TAKE_OVER,
		OPT_BACKGROUND
	};
	static const struct option options[] = {
		{ "file", required_argument, NULL, 'f' },
		{ "check", required_argument, NULL, 'c' },
		{ "explain", no_argument, NULL, OPT_EXPLAIN },
		{ "schema", no_argument, NULL, OPT_SCHEMA },
		{ "take-over", no_argument, NULL, OPT_TAKE_OVER },
		{ "background", no_argument, NULL, OPT_BACKGROUND },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	char letter[3] = "-?";
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, ":f:c:hv", options, NULL)) !=
	       -1) {
		switch (option) {
		case 'f':
			if (request->file)
				return usage_error("%s is given twice", "-f");
			request->file = optarg;
			break;
		case 'c':
			if (request->check)
				return usage_error("%s is given twice", "-c");
			request->check = optarg;
			break;
		case OPT_EXPLAIN:
			request->explain = true;
			break;
		case OPT_SCHEMA:
			request->schema = true;
			break;
		case OPT_TAKE_OVER:
			request->take_over = true;
			break;
		case OPT_BACKGROUND:
			request->background = true;
			break;
		case 'h':
			request->help = true;
			break;
		case 'v':
			request->version = true;
			break;
		case ':':
			return usage_error("%s needs a file", argv[optind - 1]);
		default:
			letter[1] = (char)optopt;
			return usage_error("there is no option %s",
					   optopt && optopt < OPT_EXPLAIN ?
						   letter :
						   argv[optind - 1]);
		}
	}
	if (optind < argc)
		return usage_error("'%s' is no option", argv[optind]);
	if (request->file && request->check)
		return usage_error("%s and -c: give one of them", "-f");
	if (request->explain && !request->check)
		return usage_error("%s needs -c", "--explain");
	if (request->take_over && request->check)
		return usage_error("%s and -c: give one of them",
				   "--take-over");
	if (request->background && !request->take_over)
		return usage_error("%s needs --take-over", "--background");
	return DONE;
}

static int carry_out(const struct request *request)
{
	int status;

	if (request->help) {
		print_help();
		return DONE;
	}
	if (request->version) {
		printf("sluiced %s\n", SLUICE_VERSION);
		return DONE;
	}
	if (request->schema)
		return config_json_schema_print(stdout) ? DONE : FAILED;
	if (request->check)
		return check_file(request);
	if (request->background) {
		status = background_enter();
		if (status >= 0)
			return status;
	}
	return daemon_run(request->file ? request->file : FILE_DEFAULT,
			  request->take_over);
}

int main(int argc, char *argv[])
{
	struct request request = { 0 };
	int status;

	/* A reader that is gone, a file that may not grow: errors like others. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	status = parse(&request, argc, argv);
	if (status == DONE)
		status = carry_out(&request);
	if (fclose(stdout) != 0 && status == DONE) {
		fprintf(stderr, "sluiced: standard output: %s\n",
			strerror(errno));
		status = FAILED;
	}
	return status;
}
