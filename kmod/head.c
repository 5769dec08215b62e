// SPDX-License-Identifier: GPL-2.0
/*
 * The first bytes of a client: read as far as they have come, and once they are
 * complete, compared with the routes of the service.
 */

#include <linux/interrupt.h>
#include <linux/local_lock.h>
#include <linux/percpu.h>
#include <linux/random.h>
#include <linux/slab.h>

#include <sluice/client_hello.h>
#include <sluice/http_describe.h>

#include "answer.h"
#include "head.h"
#include "net.h"
#include "pool.h"
#include "request.h"
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
	u8 path[SLUICE_HTTP_TARGET_DEFAULT];
};

static struct scratch __percpu *scratches;

static bool offers(const struct sluice_request *req, struct sluice_text protocol)
{
	return sluice_client_hello_offers(req->context, protocol.data,
					  protocol.len);
}

/* What a request has whatever it speaks. */
static void describe(const struct sluice_hold *hold, struct sluice_request *req)
{
	const struct sluice_tuple *t = &hold->tuple;

	req->port = ntohs(t->dport);
	sluice_request_set_source(req, &t->src, t->family);
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
				 const struct sluice_http_head *http,
				 struct sluice_pool **pool)
{
	switch (action->kind) {
	case SLUICE_ROUTE_ACTION_REJECT:
		return sluice_head_refuse(hold, service,
					  SLUICE_REFUSAL_REJECTED,
					  action->status);
	case SLUICE_ROUTE_ACTION_REDIRECT:
		if (sluice_answer_redirect(hold, action->status, http))
			return SLUICE_JUDGEMENT_ANSWER;
		return sluice_head_refuse(hold, service,
					  SLUICE_REFUSAL_MEMORY, 0);
	default:
		*pool = sluice_action_pool(action, get_random_u32());
		return SLUICE_JUDGEMENT_POOL;
	}
}

/* A head that is complete, of HTTP @http: whose is it? */
static enum sluice_judgement find_route(struct sluice_hold *hold,
					struct sluice_service *service,
					const struct sluice_request *req,
					const struct sluice_http_head *http,
					struct sluice_pool **pool)
{
	const struct sluice_service_route *route;

	route = sluice_service_route_find(service, req, hold->view);
	if (route) {
		sluice_service_route_count(route);
		return act(hold, service, sluice_service_route_action(route),
			   http, pool);
	}
	*pool = sluice_service_rest(service, hold->view);
	if (*pool)
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
	struct sluice_request req = { .offers = offers, .context = hello };
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
	return find_route(hold, service, &req, NULL, pool);
}

static enum sluice_judgement judge_http(struct sluice_hold *hold,
					struct sluice_service *service,
					struct scratch *scratch,
					struct sluice_pool **pool)
{
	struct sluice_http_head *http = hold->parser ?: &scratch->http;
	struct sluice_http_request request = { 0 };
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
	describe(hold, &request.req);
	sluice_http_describe(&request, http, hold->data);
	if (!sluice_http_describe_path(&request, scratch->path,
				       sizeof(scratch->path)))
		return sluice_head_refuse(hold, service,
					  SLUICE_REFUSAL_MALFORMED, 400);
	return find_route(hold, service, &request.req, http, pool);
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
