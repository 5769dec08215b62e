/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What holds for every head that stratum relay writes, read again by our own parser. */
#ifndef TESTS_HTTP_RELAYED_H
#define TESTS_HTTP_RELAYED_H

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <sluice/http_claim.h>
#include <sluice/http_relay.h>

/* More than any head that is taken, with what is added. */
#define RELAYED_MAX 65535

static const struct sluice_http_limits relayed_limits = { RELAYED_MAX,
							  RELAYED_MAX, 0 };

static inline struct sluice_text relayed_text(const char *text)
{
	return (struct sluice_text){ text, text ? (u32)strlen(text) : 0 };
}

static inline bool relayed_is(const u8 *buf, struct sluice_http_slice slice,
			      struct sluice_text text)
{
	return slice.length == text.len &&
	       memcmp(buf + slice.offset, text.data, text.len) == 0;
}

static inline bool relayed_same(const u8 *a, struct sluice_http_slice x,
				const u8 *b, struct sluice_http_slice y)
{
	return x.length == y.length &&
	       memcmp(a + x.offset, b + y.offset, x.length) == 0;
}

/*
 * A field of the same name and value behind @at, which goes on behind it; so all are
 * found if they are there in their order.
 */
static inline bool relayed_has(const u8 *buf,
			       const struct sluice_http_header *all, u32 count,
			       u32 *at, const u8 *from,
			       const struct sluice_http_header *header)
{
	while (*at < count) {
		const struct sluice_http_header *other = &all[(*at)++];

		if (relayed_same(buf, other->name, from, header->name) &&
		    relayed_same(buf, other->value, from, header->value))
			return true;
	}
	return false;
}

static inline u32 relayed_count(const u8 *buf,
				const struct sluice_http_header *header,
				u32 count, const char *name, const char **value,
				u32 *length)
{
	u32 found = 0;

	for (u32 i = 0; i < count; i++) {
		if (!sluice_http_name_is(buf + header[i].name.offset,
					 header[i].name.length, name))
			continue;
		*value = (const char *)buf + header[i].value.offset;
		*length = header[i].value.length;
		found++;
	}
	return found;
}

/* Whether there is one field of that name, with that value, or none where @wanted. */
static inline bool relayed_once(const u8 *buf,
				const struct sluice_http_head *head,
				const char *name, bool wanted,
				struct sluice_text text)
{
	const char *value = NULL;
	u32 length = 0;
	u32 found = relayed_count(buf, head->header, head->header_count, name,
				  &value, &length);

	if (!wanted)
		return !found;
	return found == 1 && length == text.len &&
	       memcmp(value, text.data, length) == 0;
}

/* What nobody who is not trusted can say. */
static inline const char *
relayed_sender_wrong(const u8 *buf, const struct sluice_http_head *head,
		     const struct sluice_http_relay *relay)
{
	bool x = relay->add & SLUICE_HTTP_RELAY_X_FORWARDED;
	bool forwarded = relay->add & SLUICE_HTTP_RELAY_FORWARDED;
	struct sluice_text none = { NULL, 0 };
	const char *value;
	u32 length;

	if (!relayed_once(buf, head, "X-Forwarded-For", x, relay->client))
		return "X-Forwarded-For";
	if (!relayed_once(buf, head, "X-Forwarded-Proto", x,
			  relayed_text(relay->tls ? "https" : "http")))
		return "X-Forwarded-Proto";
	if (relayed_count(buf, head->header, head->header_count, "Forwarded",
			  &value, &length) != forwarded)
		return "Forwarded";
	if (relayed_count(buf, head->header, head->header_count,
			  "X-Forwarded-Host", &value, &length) != x)
		return "X-Forwarded-Host";
	if ((relay->add & SLUICE_HTTP_RELAY_REQUEST_ID) &&
	    !relayed_once(buf, head,
			  sluice_http_relay_id_name(relay->request_id_name),
			  true, relay->request_id))
		return "the number of the request";
	if (!relayed_once(buf, head, "X-Real-IP", false, none) ||
	    !relayed_once(buf, head, "X-Client-Cert-Subject", false, none) ||
	    !relayed_once(buf, head, "Proxy", false, none))
		return "what a client says of itself";
	return NULL;
}

static inline const char *
relayed_target_wrong(const u8 *buf, const struct sluice_http_head *head,
		     const u8 *from, const struct sluice_http_head *was,
		     const struct sluice_http_relay *is)
{
	static u8 path[RELAYED_MAX];
	u32 length;

	if (head->form != SLUICE_HTTP_FORM_ORIGIN)
		return head->form == SLUICE_HTTP_FORM_ASTERISK &&
				       !was->path.length && !was->has_query &&
				       was->method_id ==
					       SLUICE_HTTP_METHOD_OPTIONS ?
			       NULL :
			       "form of the target";
	length = sluice_http_path_normalise(
		from + was->path.offset, was->path.length, path, sizeof(path));
	if (!length || head->path.length != length ||
	    memcmp(buf + head->path.offset, path, length) != 0)
		return "path";
	if (head->has_query != was->has_query ||
	    !relayed_same(buf, head->query, from, was->query))
		return "query";
	if (was->host.length &&
	    (!relayed_same(buf, head->host, from, was->host) ||
	     head->port != was->port))
		return "host";
	return was->host.length || is->local.len ? NULL : "a host of nothing";
}

/**
 * relayed_request_wrong() - read what was written of a request
 * @buf: what was written
 * @length: of it
 * @from: where it was made from
 * @was: what was parsed there
 * @relay: what was said of it
 *
 * Return: what is wrong, or NULL.
 */
static inline const char *
relayed_request_wrong(const u8 *buf, u32 length, const u8 *from,
		      const struct sluice_http_head *was,
		      const struct sluice_http_relay *relay)
{
	struct sluice_http_head head;
	enum sluice_http_result result;
	const char *wrong;
	u32 at = 0;

	sluice_http_head_init(&head, &relayed_limits);
	result = sluice_http_head_parse(&head, buf, length);
	/* Ours may be too many. */
	if (head.error == SLUICE_HTTP_ERROR_HEADERS_MANY)
		return NULL;
	if (result != SLUICE_HTTP_DONE || head.length != length)
		return "not one head";
	if (!relayed_same(buf, head.method, from, was->method))
		return "method";
	if (head.minor != 1 || !head.keep_alive)
		return "version or persistence";
	if (head.chunked != was->chunked ||
	    head.has_content_length != was->has_content_length ||
	    head.content_length != was->content_length)
		return "framing";
	if (head.upgrade != was->websocket || head.websocket != was->websocket)
		return "upgrade";
	wrong = relayed_target_wrong(buf, &head, from, was, relay);
	if (wrong)
		return wrong;
	for (u32 i = 0; i < was->header_count; i++) {
		const struct sluice_http_header *header = &was->header[i];
		const u8 *name = from + header->name.offset;

		if ((header->field != SLUICE_HTTP_FIELD_OTHER &&
		     header->field != SLUICE_HTTP_FIELD_COOKIE) ||
		    sluice_http_header_hop(was, from, header) ||
		    sluice_http_claim_id(name, header->name.length) ||
		    sluice_http_name_is(
			    name, header->name.length,
			    sluice_http_relay_id_name(relay->request_id_name)))
			continue;
		if (!relayed_has(buf, head.header, head.header_count, &at, from,
				 header))
			return "a field is missing";
	}
	if (relay->add & SLUICE_HTTP_RELAY_TRUST)
		return NULL;
	return relayed_sender_wrong(buf, &head, relay);
}

/**
 * relayed_response_wrong() - read what was written of a response
 * @buf: what was written
 * @length: of it
 * @from: where it was made from
 * @was: what was parsed there
 * @method: of the request that it answers
 * @reply: what was said of it
 *
 * Return: what is wrong, or NULL.
 */
static inline const char *
relayed_response_wrong(const u8 *buf, u32 length, const u8 *from,
		       const struct sluice_http_response *was,
		       enum sluice_http_method method,
		       const struct sluice_http_relay_reply *reply)
{
	enum sluice_http_framing framing =
		sluice_http_response_framing(was, method);
	bool interim = was->status < 200;
	struct sluice_http_response head;
	enum sluice_http_result result;
	u32 at = 0;

	sluice_http_response_init(&head, &relayed_limits);
	result = sluice_http_response_parse(&head, buf, length);
	if (head.error == SLUICE_HTTP_ERROR_HEADERS_MANY)
		return NULL;
	if (result != SLUICE_HTTP_DONE || head.length != length)
		return "not one head";
	if (head.status != was->status || head.minor != 1 ||
	    !relayed_same(buf, head.reason, from, was->reason))
		return "status or reason";
	if (sluice_http_response_framing(&head, method) != framing ||
	    head.has_content_length != was->has_content_length ||
	    (was->has_content_length &&
	     head.content_length != was->content_length))
		return "framing";
	if (!interim &&
	    head.keep_alive !=
		    !(reply->close || framing == SLUICE_HTTP_FRAMING_CLOSE))
		return "persistence";
	if (head.upgrade != (was->status == 101) ||
	    (head.upgrade && head.websocket != was->websocket))
		return "upgrade";
	for (u32 i = 0; i < was->header_count; i++) {
		const struct sluice_http_header *header = &was->header[i];
		const u8 *name = from + header->name.offset;

		if (header->field == SLUICE_HTTP_FIELD_CONTENT_LENGTH ||
		    sluice_http_response_hop(was, from, header) ||
		    sluice_http_name_is(name, header->name.length, "Trailer") ||
		    sluice_http_name_is(
			    name, header->name.length,
			    sluice_http_relay_id_name(reply->request_id_name)))
			continue;
		if (!relayed_has(buf, head.header, head.header_count, &at, from,
				 header))
			return "a field is missing";
	}
	return NULL;
}

#endif /* TESTS_HTTP_RELAYED_H */
