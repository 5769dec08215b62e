// SPDX-License-Identifier: GPL-2.0-or-later
/* The request on its way to the server. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "exchange.h"

static enum sluice_http_framing framing_of(const struct exchange *x)
{
	if (x->head.chunked)
		return SLUICE_HTTP_FRAMING_CHUNKED;
	return x->head.has_content_length && x->head.content_length ?
		       SLUICE_HTTP_FRAMING_LENGTH :
		       SLUICE_HTTP_FRAMING_NONE;
}

static enum forward_framing forward_as(const struct exchange *x)
{
	if (x->head.chunked)
		return FORWARD_CHUNKED;
	return x->head.has_content_length ? FORWARD_LENGTH : FORWARD_NONE;
}

/* Whether the route lets the client change to what it asks for. */
static bool may_upgrade(const struct exchange *x)
{
	const struct config_texts *allowed =
		x->route ? &x->route->config->upgrade : NULL;
	const struct sluice_http_header *field = NULL;
	const uint8_t *buf = x->client->in->data;

	if (!x->head.upgrade || !allowed || !allowed->count)
		return false;
	while ((field = sluice_http_header_next(&x->head, buf, "upgrade", 7,
						field))) {
		struct sluice_http_slice rest = field->value, item;

		while (sluice_http_list_next(buf, &rest, &item)) {
			size_t i = 0;

			while (i < allowed->count &&
			       (strlen(allowed->items[i]) != item.length ||
				strncasecmp(allowed->items[i],
					    (const char *)buf + item.offset,
					    item.length) != 0))
				i++;
			if (i == allowed->count)
				return false;
		}
	}
	return true;
}

static ssize_t write_head(struct exchange *x, struct buffer *to)
{
	const struct forward_request request = {
		.buf = x->client->in->data,
		.head = &x->head,
		.service = x->service->config,
		.route = x->route ? x->route->config : NULL,
		.pool = x->pool->pool->config,
		.client = &x->client->who,
		.path = exchange_path(x),
		.request_id = x->request_id,
		.framing = forward_as(x),
		.keep_alive = x->pool->pool->config->reuse !=
				      CONFIG_REUSE_NEVER &&
			      !x->conn->is_private,
		.expect = x->head.expect_continue,
		.upgrade = x->upgrade,
	};

	return forward_request_write((char *)to->data, to->size, &request);
}

static void start_flow(struct exchange *x, struct buffer *head)
{
	struct client *client = x->client;

	x->up_pace = (struct pace){ 0 };
	x->up = (struct flow){
		.from = &client->stream,
		.to = &x->conn->stream,
		.buffers = &client->worker->buffers,
		.pipes = &client->worker->pipes,
		.in = &client->in,
		.head = head,
		/* It may have to be sent once more. */
		.keep = !x->raw && !x->head.chunked,
	};
	if (x->raw)
		flow_start(&x->up, SLUICE_HTTP_FRAMING_TUNNEL, 0,
			   FORWARD_CLOSE);
	else
		flow_start(&x->up, framing_of(x), x->head.content_length,
			   forward_as(x));
}

static bool start_raw(struct exchange *x)
{
	start_flow(x, NULL);
	x->down = (struct flow){
		.from = &x->conn->stream,
		.to = &x->client->stream,
		.buffers = &x->client->worker->buffers,
		.in = &x->conn->in,
	};
	flow_start(&x->down, SLUICE_HTTP_FRAMING_TUNNEL, 0, FORWARD_CLOSE);
	x->state = EXCHANGE_TUNNEL;
	x->tunnelled = loop_now(x->client->worker->loop);
	return true;
}

bool exchange_send_request(struct exchange *x)
{
	struct worker *worker = x->client->worker;
	struct buffer *head;
	ssize_t length;

	x->conn->requests++;
	if (x->raw)
		return start_raw(x);
	x->upgrade = may_upgrade(x);
	head = buffer_get(&worker->buffers);
	length = head ? write_head(x, head) : -ENOMEM;
	if (length == -ENOSPC) {
		buffer_put(&worker->buffers, &head);
		head = buffer_get_large(&worker->buffers, BUFFER_LARGE);
		length = head ? write_head(x, head) : -ENOMEM;
	}
	if (length < 0) {
		buffer_put(&worker->buffers, &head);
		exchange_refuse(x, 500, ACCESS_END_ERROR,
				"the request's head does not fit");
		return false;
	}
	head->end = (uint32_t)length;
	start_flow(x, head);
	sluice_http_response_init(&x->response, NULL);
	x->asked = loop_now(worker->loop);
	x->state = EXCHANGE_ASKING;
	exchange_set_timer(x);
	return true;
}
