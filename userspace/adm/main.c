// SPDX-License-Identifier: GPL-2.0-or-later
/* sluiceadm: the administration tool of Sluice. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "adm.h"

#define OUTPUT_SIZE 65536

/* What could not be written was not done. */
static int close_output(const struct adm *adm, int status)
{
	const char *why = ferror(stdout) ? "write error" : NULL;

	if (fclose(stdout) != 0)
		why = strerror(errno);
	if (!why || status != ADM_DONE)
		return status;
	return adm_fail(adm, "standard output: %s", why);
}

int main(int argc, char *argv[])
{
	static char output[OUTPUT_SIZE];
	struct adm_message msg;
	struct adm_request req;
	struct adm adm = { 0 };
	int status;

	/* A reader that is gone is a write error like others. */
	signal(SIGPIPE, SIG_IGN);
	/* What fits is written when it is closed, which says why it fails. */
	if (!isatty(STDOUT_FILENO))
		setvbuf(stdout, output, _IOFBF, sizeof(output));
	status = adm_parse(&req, argc > 0 ? argc - 1 : 0, argv + 1, &msg);
	if (status) {
		fprintf(stderr, "sluiceadm: %s\n", msg.text);
		return status;
	}
	status = adm_run(&adm, &req);
	adm_request_free(&req);
	sluice_close(adm.sl);
	sluice_close(adm.relay);
	return close_output(&adm, status);
}
