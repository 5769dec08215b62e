// SPDX-License-Identifier: GPL-2.0
/* Requests that are answered here. */

#include <linux/kernel.h>

#include "run.h"
#include "server.h"

/* What an answer has besides the place it redirects to. */
#define ANSWER_MAX 512

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
	case 502:
		return "Bad Gateway";
	case 503:
		return "Service Unavailable";
	case 504:
		return "Gateway Timeout";
	case 505:
		return "HTTP Version Not Supported";
	default:
		return "Bad Request";
	}
}

/*
 * The request's content is not read, if it has any: then the connection ends behind
 * the answer. Otherwise the answer is one like a server's.
 */
static __printf(4, 5) enum sluice_step
answer(struct sluice_relay *relay, u16 status, u32 more, const char *format, ...)
{
	u32 size = ANSWER_MAX + more, length;
	struct sluice_exchange *x = relay->exchange;
	const char *text = reason(status);
	va_list args;
	char *out;
	bool keep;

	if (!x) {
		x = sluice_exchange_alloc();
		relay->exchange = x;
	}
	if (x && x->server)
		sluice_relay_server_close(relay, x->server, true);
	if (x)
		sluice_pieces_free(&x->to_server);
	out = x ? sluice_pieces_reserve(&x->to_client, size) : NULL;
	if (!out) {
		sluice_relay_finish(relay, true);
		return SLUICE_STEP_GONE;
	}
	keep = x->keep && x->up.ended;
	length = scnprintf(out, size, "HTTP/1.1 %u %s\r\n", status, text);
	va_start(args, format);
	length += vscnprintf(out + length, size - length, format, args);
	va_end(args);
	if (*x->request_id)
		length += scnprintf(out + length, size - length, "%s: %s\r\n",
				    relay->config.request_id, x->request_id);
	length += scnprintf(out + length, size - length,
			    "Content-Type: text/plain; charset=utf-8\r\n"
			    "Content-Length: %zu\r\n%s\r\n",
			    strlen(text) + 5, keep ? "" : "Connection: close\r\n");
	if (x->method != SLUICE_HTTP_METHOD_HEAD)
		length += scnprintf(out + length, size - length, "%u %s\n",
				    status, text);
	sluice_pieces_commit(&x->to_client, length);
	sluice_relay_tally(relay, SLUICE_RELAY_COUNT_ANSWERS);
	x->answered = true;
	if (keep) {
		if (!x->sent)
			sluice_end_use(&relay->client, x->head.length);
		sluice_flow_init(&x->down, SLUICE_HTTP_FRAMING_NONE, 0);
		sluice_relay_enter(relay, SLUICE_RELAY_PHASE_BODY);
	} else {
		sluice_relay_enter(relay, SLUICE_RELAY_PHASE_CLOSING);
	}
	return SLUICE_STEP_AGAIN;
}

/**
 * sluice_relay_answer() - answer a request with a status
 * @relay: the client, to whom nothing of a response was sent
 * @status: the status, 400 to 599
 *
 * Return: what comes next.
 */
enum sluice_step sluice_relay_answer(struct sluice_relay *relay, u16 status)
{
	return answer(relay, status, 0, "%s", "");
}

/**
 * sluice_relay_redirect() - redirect a request to https
 * @relay: the client, whose request's head is there
 * @status: 301 or 308
 *
 * Host, path and query stay as the client sent them: the parser took them only
 * without anything that could end a line. A client of HTTP/1.0 may name no host: it
 * goes on at the address that it came to.
 *
 * Return: what comes next.
 */
enum sluice_step sluice_relay_redirect(struct sluice_relay *relay, u16 status)
{
	const struct sluice_http_head *http = &relay->exchange->head;
	const char *data = (const char *)relay->client.data +
			   relay->client.start;
	const char *host = data + http->host.offset;
	char local[INET6_ADDRSTRLEN + 2];
	u32 length = http->host.length;

	if (!length) {
		host = local;
		length = relay->service.family == AF_INET ?
			scnprintf(local, sizeof(local), "%pI4",
				  &relay->service.addr.ip) :
			scnprintf(local, sizeof(local), "[%pI6c]",
				  &relay->service.addr.in6);
	}
	return answer(relay, status,
		      length + http->path.length + http->query.length + 32,
		      "Location: https://%.*s%s%.*s%s%.*s\r\n", length, host,
		      http->path.length ? "" : "/", http->path.length,
		      data + http->path.offset, http->has_query ? "?" : "",
		      http->has_query ? http->query.length : 0,
		      data + http->query.offset);
}
