// SPDX-License-Identifier: GPL-2.0
/*
 * The first bytes of a client: read as far as they have come, and once they are
 * complete, compared with the routes of the service.
 */

#include <linux/interrupt.h>
#include <linux/jhash.h>
#include <linux/local_lock.h>
#include <linux/percpu.h>
#include <linux/random.h>
#include <linux/slab.h>

#include <sluice/client_hello.h>
#include <sluice/http_head.h>

#include "answer.h"
#include "head.h"
#include "net.h"
#include "pool.h"
#include "service.h"
#include "service_route.h"

/*
 * What is needed while one client is judged. Most heads come in one piece, and
 * their readers live here only.
 */
struct scratch {
	local_lock_t lock;	/* where bottom halves can be preempted */
	union {
		struct sluice_client_hello hello;
		struct sluice_http_head http;
	};
	char path[SLUICE_HTTP_TARGET_DEFAULT];
};

/* What the functions of a request look at. */
struct context {
	const struct sluice_client_hello *hello;
	const struct sluice_http_head *http;
	const u8 *data;
};

static struct scratch __percpu *scratches;

static struct sluice_text text(const u8 *data, struct sluice_http_slice slice)
{
	return (struct sluice_text){ (const char *)data + slice.offset,
				     slice.length };
}

static bool next_header(const struct sluice_request *req,
			struct sluice_text name, u32 *pos,
			struct sluice_text *value)
{
	const struct context *c = req->context;
	const struct sluice_http_header *last, *header;

	last = *pos ? &c->http->header[*pos - 1] : NULL;
	header = sluice_http_header_next(c->http, c->data, name.data, name.len,
					 last);
	if (!header)
		return false;
	*pos = header - c->http->header + 1;
	*value = text(c->data, header->value);
	return true;
}

static bool next_cookie(const struct sluice_request *req,
			struct sluice_text name, u32 *pos,
			struct sluice_text *value)
{
	struct sluice_http_cursor cursor = {
		.header = *pos >> 16,
		.offset = *pos & U16_MAX,
	};
	const struct context *c = req->context;
	struct sluice_http_pair cookie;

	while (sluice_http_cookie_next(c->http, c->data, &cursor, &cookie)) {
		if (!sluice_http_slice_is(c->data, cookie.name, name.data,
					  name.len))
			continue;
		*pos = cursor.header << 16 | cursor.offset;
		*value = text(c->data, cookie.value);
		return true;
	}
	return false;
}

static bool offers(const struct sluice_request *req, struct sluice_text protocol)
{
	const struct context *c = req->context;

	return sluice_client_hello_offers(c->hello, protocol.data, protocol.len);
}

/* What a request has whatever it speaks. */
static void describe(const struct sluice_hold *hold, struct sluice_request *req)
{
	const struct sluice_tuple *t = &hold->tuple;

	req->port = ntohs(t->dport);
	req->source_len = t->family == AF_INET ? 4 : 16;
	memcpy(req->source, &t->src, req->source_len);
	/* The same on every balancer, and after a restart. */
	req->hash = jhash(&t->src, req->source_len, 0);
}

static bool describe_http(struct sluice_request *req, struct context *c,
			  char *path)
{
	const struct sluice_http_head *http = c->http;
	const u8 *data = c->data;
	u32 length;

	if (http->port)
		req->port = http->port;
	req->host = text(data, http->host);
	req->method = text(data, http->method);
	if (http->has_query)
		req->query = text(data, http->query);
	req->next_header = next_header;
	req->next_cookie = next_cookie;
	if (http->form == SLUICE_HTTP_FORM_AUTHORITY ||
	    http->form == SLUICE_HTTP_FORM_ASTERISK)
		return true;
	length = sluice_http_path_normalise(data + http->path.offset,
					    http->path.length, (u8 *)path,
					    SLUICE_HTTP_TARGET_DEFAULT);
	req->path = (struct sluice_text){ path, length };
	return length;
}

/**
 * sluice_head_refuse() - refuse a client
 * @hold: the client, locked
 * @service: what it wanted
 * @reason: why, to be counted
 * @status: HTTP status where it speaks HTTP; 0 for a reset
 *
 * Return: SLUICE_JUDGEMENT_RESET, or SLUICE_JUDGEMENT_ANSWER.
 */
enum sluice_judgement sluice_head_refuse(struct sluice_hold *hold,
					 struct sluice_service *service,
					 enum sluice_refusal reason, u16 status)
{
	sluice_refused(hold->sn, service, reason);
	if (!status || hold->parse != SLUICE_PARSE_HTTP ||
	    !sluice_answer_status(hold, status))
		return SLUICE_JUDGEMENT_RESET;
	return SLUICE_JUDGEMENT_ANSWER;
}

static enum sluice_judgement act(struct sluice_hold *hold,
				 struct sluice_service *service,
				 const struct sluice_action *action,
				 const struct context *c,
				 struct sluice_pool **pool)
{
	switch (action->kind) {
	case SLUICE_ROUTE_ACTION_REJECT:
		return sluice_head_refuse(hold, service,
					  SLUICE_REFUSAL_REJECTED,
					  action->status);
	case SLUICE_ROUTE_ACTION_REDIRECT:
		if (sluice_answer_redirect(hold, action->status, c->http))
			return SLUICE_JUDGEMENT_ANSWER;
		return sluice_head_refuse(hold, service,
					  SLUICE_REFUSAL_MEMORY, 0);
	default:
		*pool = sluice_action_pool(action, get_random_u32());
		return SLUICE_JUDGEMENT_POOL;
	}
}

/* A head that is complete: whose is it? */
static enum sluice_judgement find_route(struct sluice_hold *hold,
					struct sluice_service *service,
					const struct sluice_request *req,
					struct sluice_pool **pool)
{
	const struct sluice_service_route *route;
	const struct sluice_sched_set *set;

	route = sluice_service_route_find(service, req, hold->view);
	if (route)
		return act(hold, service, sluice_service_route_action(route),
			   req->context, pool);
	/* The service's own pool is for all others, if it has servers. */
	*pool = rcu_dereference(service->view[hold->view].pool);
	set = rcu_dereference((*pool)->set[hold->view]);
	if (set && set->members)
		return SLUICE_JUDGEMENT_POOL;
	return sluice_head_refuse(hold, service, SLUICE_REFUSAL_NO_ROUTE, 404);
}

/* Keep a reader that has not come to the end. */
static enum sluice_judgement keep(struct sluice_hold *hold,
				  struct sluice_service *service,
				  const void *reader, size_t size)
{
	if (hold->have >= SLUICE_HELD_MAX)
		return sluice_head_refuse(hold, service,
					  SLUICE_REFUSAL_MALFORMED, 431);
	if (hold->parser)
		return SLUICE_JUDGEMENT_MORE;
	hold->parser = sluice_hold_alloc(hold, size);
	if (!hold->parser)
		return sluice_head_refuse(hold, service, SLUICE_REFUSAL_MEMORY,
					  503);
	memcpy(hold->parser, reader, size);
	return SLUICE_JUDGEMENT_MORE;
}

static enum sluice_judgement judge_tls(struct sluice_hold *hold,
				       struct sluice_service *service,
				       struct scratch *scratch,
				       struct sluice_pool **pool)
{
	struct sluice_client_hello *hello = hold->parser ?: &scratch->hello;
	struct context context = { .hello = hello };
	struct sluice_request req = { .offers = offers, .context = &context };
	enum sluice_hello_refusal refusal;
	enum sluice_hello_result result;
	u8 alert;

	if (!hold->parser)
		sluice_client_hello_init(hello, 0);
	result = sluice_client_hello_parse(hello, hold->data + hold->parsed,
					   hold->have - hold->parsed);
	hold->parsed = hold->have;
	if (result == SLUICE_HELLO_MORE)
		return keep(hold, service, hello, sizeof(*hello));
	if (result == SLUICE_HELLO_REFUSED) {
		sluice_refused(hold->sn, service, SLUICE_REFUSAL_MALFORMED);
		refusal = sluice_client_hello_refusal(hello);
		alert = sluice_hello_refusal_alert(refusal);
		return sluice_answer_alert(hold, alert) ?
			       SLUICE_JUDGEMENT_ANSWER :
			       SLUICE_JUDGEMENT_RESET;
	}
	hold->head = hello->size;
	describe(hold, &req);
	if (hello->host_len)
		req.host = (struct sluice_text){ hello->host, hello->host_len };
	return find_route(hold, service, &req, pool);
}

static enum sluice_judgement judge_http(struct sluice_hold *hold,
					struct sluice_service *service,
					struct scratch *scratch,
					struct sluice_pool **pool)
{
	struct sluice_http_head *http = hold->parser ?: &scratch->http;
	struct context context = { .http = http, .data = hold->data };
	struct sluice_request req = { .context = &context };
	enum sluice_http_result result;

	if (!hold->parser)
		sluice_http_head_init(http, NULL);
	result = sluice_http_head_parse(http, hold->data, hold->have);
	if (result == SLUICE_HTTP_MORE)
		return keep(hold, service, http, sizeof(*http));
	if (result == SLUICE_HTTP_REFUSED)
		return sluice_head_refuse(hold, service,
					  SLUICE_REFUSAL_MALFORMED,
					  sluice_http_error_status(http->error));
	hold->head = http->length;
	hold->is_head = http->method_id == SLUICE_HTTP_METHOD_HEAD;
	describe(hold, &req);
	if (!describe_http(&req, &context, scratch->path))
		return sluice_head_refuse(hold, service,
					  SLUICE_REFUSAL_MALFORMED, 400);
	return find_route(hold, service, &req, pool);
}

/**
 * sluice_head_judge() - look at the first bytes of a client
 * @hold: the client, locked; more has come since the last look
 * @service: what it wants
 * @pool: set with SLUICE_JUDGEMENT_POOL
 *
 * No byte is read more than twice, however they come. A client that is refused
 * is counted.
 *
 * Context: RCU read side, bottom halves off.
 * Return: what becomes of it.
 */
enum sluice_judgement sluice_head_judge(struct sluice_hold *hold,
					struct sluice_service *service,
					struct sluice_pool **pool)
{
	enum sluice_judgement judgement;

	local_lock_nested_bh(&scratches->lock);
	if (hold->parse == SLUICE_PARSE_HTTP)
		judgement = judge_http(hold, service, this_cpu_ptr(scratches),
				       pool);
	else
		judgement = judge_tls(hold, service, this_cpu_ptr(scratches), pool);
	local_unlock_nested_bh(&scratches->lock);
	return judgement;
}

/**
 * sluice_heads_init() - allocate what all namespaces share
 *
 * Return: 0 or -ENOMEM.
 */
int sluice_heads_init(void)
{
	int cpu;

	scratches = alloc_percpu(struct scratch);
	if (!scratches)
		return -ENOMEM;
	for_each_possible_cpu(cpu)
		local_lock_init(&per_cpu_ptr(scratches, cpu)->lock);
	return 0;
}

/**
 * sluice_heads_exit() - undo sluice_heads_init()
 */
void sluice_heads_exit(void)
{
	free_percpu(scratches);
}
