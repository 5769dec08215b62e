/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of forward.h have from each other. */
#ifndef PROXY_FORWARD_PARTS_H
#define PROXY_FORWARD_PARTS_H

#include <errno.h>
#include <sys/types.h>

#include <sluice/http_sender.h>

#include "forward.h"

/* A text that is known when this is compiled. */
#define OUT_TEXT(text) (text), sizeof(text) - 1

/* Return: bytes since @begin, or -ENOSPC. */
static inline ssize_t out_end(const struct sluice_http_out *out,
			      const char *begin)
{
	return out->full ? -ENOSPC : out->at - begin;
}

/**
 * struct forward_changes - changes of a message, those that come first in front
 * @by: of the service, then of the route; without those that are not given
 * @count: how many
 * @named: forward_name_bit() of all fields that are set or taken out
 */
struct forward_changes {
	const struct config_header_changes *by[2];
	unsigned int count;
	uint64_t named;
};

/*
 * A bit for a name in any case, by its length and its last character: one that is
 * not set says without a comparison that a name is none of some others.
 */
static inline uint64_t forward_name_bit(const char *name, size_t length)
{
	return UINT64_C(1) << ((length ^ (name[length - 1] & 0x1f) << 1) & 63);
}

/* Those of requests or, with @response, of responses. */
struct forward_changes forward_changes_of(const struct config_service *service,
					  const struct config_route *route,
					  bool response);

/* Whether a field of that name is set or taken out by changes from @first on. */
bool forward_replaces(const struct forward_changes *changes, unsigned int first,
		      const char *name, size_t length);

/* Whether no change is about a field, which may also be one of ours. */
static inline bool forward_keeps(const struct forward_changes *changes,
				 const char *name, size_t length)
{
	return !(changes->named & forward_name_bit(name, length)) ||
	       !forward_replaces(changes, 0, name, length);
}

/* Write the fields that are set and added. */
void forward_changes_write(struct sluice_http_out *out,
			   const struct forward_changes *changes);

/* Room for an address with brackets and a port. */
#define FORWARD_ADDRESS_MAX 56

/**
 * struct forward_sender - who sends a request, with the texts of it
 * @is: itself
 * @id_length: of the name of the field with the number of the request, 0: none
 * @client: text of the address
 * @local: text of where it connected to
 */
struct forward_sender {
	struct sluice_http_sender is;
	size_t id_length;
	char client[FORWARD_ADDRESS_MAX];
	char local[FORWARD_ADDRESS_MAX];
};

/* Fill in @sender, which stays where it is then. */
void forward_sender_init(struct forward_sender *sender,
			 const struct forward_request *request);

/**
 * forward_client_keep() - look at a field of a request
 * @sender: who sends it; takes note of what it says
 * @request: whose field it is
 * @header: not about its connection
 * @claim: its sluice_http_claim_id()
 *
 * Return: whether it is passed on as it is.
 */
bool forward_client_keep(struct forward_sender *sender,
			 const struct forward_request *request,
			 const struct sluice_http_header *header,
			 enum sluice_http_claim claim);

/* Write the fields that say who the client is. */
void forward_client_write(struct sluice_http_out *out,
			  const struct forward_request *request,
			  const struct forward_changes *changes,
			  const struct forward_sender *sender);

/* An address as in a URL: IPv6 in brackets; nothing where there is none. */
void forward_local_write(struct sluice_http_out *out,
			 const struct sluice_address *address);

/* Content-Length or Transfer-Encoding, or nothing. */
void forward_framing_write(struct sluice_http_out *out,
			   enum forward_framing framing, uint64_t length);

/**
 * forward_begin_write() - status line
 * @out: where to
 * @status: 100 to 999
 * @reason: phrase
 * @length: of it
 */
void forward_begin_write(struct sluice_http_out *out, unsigned int status,
			 const char *reason, size_t length);

/* Connection of a response to a client of HTTP/1.@minor, if one is needed. */
void forward_persist_write(struct sluice_http_out *out, bool keep_alive,
			   uint8_t minor);

#endif /* PROXY_FORWARD_PARTS_H */
