// SPDX-License-Identifier: GPL-2.0-or-later
/* Carrying out a command, and saying why one was not. */
#include <stdarg.h>
#include <stdio.h>

#include "adm.h"

static void print_error(const struct adm *adm, const char *format, va_list args)
{
	fprintf(stderr, "sluiceadm: ");
	if (adm->line)
		fprintf(stderr, "%s:%lu: ", adm->source, adm->line);
	vfprintf(stderr, format, args);
}

/**
 * adm_fail() - say what is wrong, in one line
 * @adm: the run
 * @format: of the line, without a newline
 *
 * Return: ADM_FAILED.
 */
int adm_fail(const struct adm *adm, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_error(adm, format, args);
	va_end(args);
	fputc('\n', stderr);
	return ADM_FAILED;
}

/**
 * adm_refused() - say what the kernel refused, and why
 * @adm: the run, whose last call of the library failed
 * @format: the object that it was about
 *
 * Return: ADM_FAILED.
 */
int adm_refused(const struct adm *adm, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_error(adm, format, args);
	va_end(args);
	fprintf(stderr, ": %s\n", sluice_error(adm->sl));
	return ADM_FAILED;
}

/**
 * adm_relay_refused() - the same of stratum relay
 * @adm: the run, whose last call of the library with @relay failed
 * @format: the object that it was about
 *
 * Return: ADM_FAILED.
 */
int adm_relay_refused(const struct adm *adm, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_error(adm, format, args);
	va_end(args);
	fprintf(stderr, ": %s\n", sluice_error(adm->relay));
	return ADM_FAILED;
}

/**
 * adm_open() - connect to the module
 * @adm: the run
 *
 * Return: an exit status.
 */
int adm_open(struct adm *adm)
{
	if (sluice_open(&adm->sl) < 0)
		return adm_fail(adm, "%s", sluice_error(adm->sl));
	return ADM_DONE;
}

/**
 * adm_open_relay() - connect to the module of stratum relay
 * @adm: the run; nothing is done where it has done so before
 *
 * Return: an exit status.
 */
int adm_open_relay(struct adm *adm)
{
	if (!adm->relay && sluice_relay_open(&adm->relay) < 0)
		return adm_fail(adm, "%s", sluice_error(adm->relay));
	return ADM_DONE;
}

/**
 * adm_open_relay_if_there() - the same where that module is loaded
 * @adm: the run; @relay stays NULL where it is not, which is no failure
 *
 * The kernel would load it to answer.
 *
 * Return: an exit status.
 */
int adm_open_relay_if_there(struct adm *adm)
{
	struct sluice_info info;

	if (sluice_info_get(adm->sl, &info) < 0)
		return adm_refused(adm, "info");
	return info.strata & SLUICE_STRATA_RELAY ? adm_open_relay(adm) :
						   ADM_DONE;
}

/**
 * adm_run() - carry a command out
 * @adm: the run
 * @req: the command
 *
 * Return: an exit status.
 */
int adm_run(struct adm *adm, const struct adm_request *req)
{
	if (req->command->relay) {
		if (adm_open_relay(adm))
			return ADM_FAILED;
	} else if (!req->command->offline && !adm->sl && adm_open(adm)) {
		return ADM_FAILED;
	}
	return req->command->run(adm, req);
}
