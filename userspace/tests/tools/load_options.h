/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options of bench-http, as its head explains them. */
#ifndef TOOLS_LOAD_OPTIONS_H
#define TOOLS_LOAD_OPTIONS_H

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/**
 * struct load_options - what is asked for, and of whom
 * @connections: at the same time
 * @seconds: 0: connections are opened, and that is all
 * @rate: requests a second; 0: each follows an answer
 * @once: a connection has one request
 * @tls: by TLS
 * @resume: sessions are resumed
 * @address: of the server, a number
 * @port: a number, too
 * @length: bytes of content that each answer has
 */
struct load_options {
	unsigned int connections;
	unsigned int seconds;
	unsigned long rate;
	bool once;
	bool tls;
	bool resume;
	const char *address;
	const char *port;
	unsigned long long length;
};

static inline void load_options_usage(void)
{
	fprintf(stderr,
		"usage: bench-http [-c N] [-t N] [-r N | -o] [-s | -S] ADDRESS PORT LENGTH\n");
	exit(2);
}

/* Does not return where they are wrong. */
static inline void load_options_read(struct load_options *options, int argc,
				     char *argv[])
{
	*options = (struct load_options){ .connections = 64, .seconds = 5 };
	for (int c; (c = getopt(argc, argv, "c:t:r:osS")) != -1;) {
		if (c == 'c')
			options->connections =
				(unsigned int)strtoul(optarg, NULL, 10);
		else if (c == 't')
			options->seconds =
				(unsigned int)strtoul(optarg, NULL, 10);
		else if (c == 'r')
			options->rate = strtoul(optarg, NULL, 10);
		else if (c == 'o')
			options->once = true;
		else if (c == 's' || c == 'S')
			options->tls = true;
		else
			load_options_usage();
		options->resume = options->resume || c == 'S';
	}
	if (argc - optind != 3 || !options->connections ||
	    (options->rate && options->once))
		load_options_usage();
	options->address = argv[optind];
	options->port = argv[optind + 1];
	options->length = strtoull(argv[optind + 2], NULL, 10);
}

#endif /* TOOLS_LOAD_OPTIONS_H */
