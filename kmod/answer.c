// SPDX-License-Identifier: GPL-2.0
/* Answers that need no server. Each takes the place of what the client sent. */

#include <linux/kernel.h>

#include "answer.h"

/* What an answer has besides the place it redirects to. */
#define ANSWER_MAX 256

static const char *reason(u16 status)
{
	switch (status) {
	case 301:
		return "Moved Permanently";
	case 308:
		return "Permanent Redirect";
	case 403:
		return "Forbidden";
	case 404:
		return "Not Found";
	case 408:
		return "Request Timeout";
	case 414:
		return "URI Too Long";
	case 417:
		return "Expectation Failed";
	case 421:
		return "Misdirected Request";
	case 431:
		return "Request Header Fields Too Large";
	case 501:
		return "Not Implemented";
	case 503:
		return "Service Unavailable";
	case 505:
		return "HTTP Version Not Supported";
	default:
		return "Bad Request";
	}
}

static void put(struct sluice_hold *hold, u8 *answer, u32 size, u32 length)
{
	sluice_hold_free(hold, hold->data);
	sluice_hold_free(hold, hold->parser);
	hold->parser = NULL;
	hold->data = answer;
	hold->size = size;
	hold->answer = length;
}

/* A whole answer; @location is empty, or a header field with its end of line. */
static __printf(4, 5) bool answer_http(struct sluice_hold *hold, u16 status,
				       u32 more, const char *format, ...)
{
	const char *text = reason(status);
	u32 size = ANSWER_MAX + more, length;
	va_list args;
	char *answer;

	answer = sluice_hold_alloc(hold, size);
	if (!answer)
		return false;
	va_start(args, format);
	length = scnprintf(answer, size, "HTTP/1.1 %u %s\r\n", status, text);
	length += vscnprintf(answer + length, size - length, format, args);
	va_end(args);
	length += scnprintf(answer + length, size - length,
			    "Content-Type: text/plain; charset=utf-8\r\n"
			    "Content-Length: %zu\r\n"
			    "Connection: close\r\n"
			    "\r\n",
			    strlen(text) + 5);
	if (!hold->is_head)
		length += scnprintf(answer + length, size - length, "%u %s\n",
				    status, text);
	put(hold, answer, size, length);
	return true;
}

/**
 * sluice_answer_status() - answer a request with a status of HTTP
 * @hold: the client, locked
 * @status: the status, 400 to 599
 *
 * Return: false without memory.
 */
bool sluice_answer_status(struct sluice_hold *hold, u16 status)
{
	return answer_http(hold, status, 0, "%s", "");
}

/**
 * sluice_answer_redirect() - redirect a request to https
 * @hold: the client, locked
 * @status: 301 or 308
 * @http: its head; the bytes are in &sluice_hold.data
 *
 * Host, path and query stay as the client sent them: the parser took them only
 * without anything that could end a line.
 *
 * Return: false without memory.
 */
bool sluice_answer_redirect(struct sluice_hold *hold, u16 status,
			    const struct sluice_http_head *http)
{
	const char *data = (const char *)hold->data;

	return answer_http(hold, status,
			   http->host.length + http->path.length +
				   http->query.length + 32,
			   "Location: https://%.*s%s%.*s%s%.*s\r\n",
			   http->host.length, data + http->host.offset,
			   http->path.length ? "" : "/", http->path.length,
			   data + http->path.offset, http->has_query ? "?" : "",
			   http->has_query ? http->query.length : 0,
			   data + http->query.offset);
}

/**
 * sluice_answer_alert() - tell a TLS client why its hello is not taken
 * @hold: the client, locked
 * @alert: AlertDescription of RFC 8446 section 6, or 0 for one that speaks no TLS
 *
 * Return: false where there is nothing to tell, or no memory.
 */
bool sluice_answer_alert(struct sluice_hold *hold, u8 alert)
{
	/* A record of one fatal alert, in the version that every client takes. */
	const u8 record[] = { 21, 3, 1, 0, 2, 2, alert };
	u8 *answer;

	if (!alert)
		return false;
	answer = sluice_hold_alloc(hold, sizeof(record));
	if (!answer)
		return false;
	memcpy(answer, record, sizeof(record));
	put(hold, answer, sizeof(record), sizeof(record));
	return true;
}
