/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_KTLS_FLOW_H
#define _SLUICE_KTLS_FLOW_H

#include <sluice/http_chunk.h>
#include <sluice/http_response.h>

#include "end.h"

/**
 * enum sluice_moved - how far the content of a message has come
 * @SLUICE_MOVED_WAIT: something has to happen on a socket first
 * @SLUICE_MOVED_MORE: it could go on at once, but others want a turn, too
 * @SLUICE_MOVED_DONE: all of it is with the socket
 * @SLUICE_MOVED_CUT: the sender ended too early, or its connection broke
 * @SLUICE_MOVED_BROKEN: the receiver's connection broke
 * @SLUICE_MOVED_BAD: it is not framed as it should be
 * @SLUICE_MOVED_MEMORY: there is none
 */
enum sluice_moved {
	SLUICE_MOVED_WAIT,
	SLUICE_MOVED_MORE,
	SLUICE_MOVED_DONE,
	SLUICE_MOVED_CUT,
	SLUICE_MOVED_BROKEN,
	SLUICE_MOVED_BAD,
	SLUICE_MOVED_MEMORY,
};

/**
 * struct sluice_flow - the content of one message on its way from socket to socket
 * @framing: how it ends
 * @unchunk: the receiver is not told where chunks end: it speaks HTTP/1.0
 * @ended: all of it was taken from the sender
 * @begun: a chunk went out, whose data end with the next line
 * @inside: what comes next are data of a chunk
 * @trailers: chunks are over, and the trailer section is being read
 * @error: why no more is taken, or 0: what was taken before is sent, then it is told
 * @left: bytes of SLUICE_HTTP_FRAMING_LENGTH that were not taken
 * @bytes: taken so far
 * @chunks: where in the chunks it is
 *
 * Chunks are framed anew, as they came: what an extension or a line's end could
 * hide from another parser does not reach it.
 */
struct sluice_flow {
	enum sluice_http_framing framing;
	bool unchunk;
	bool ended;
	bool begun;
	bool inside;
	bool trailers;
	int error;
	u64 left;
	u64 bytes;
	struct sluice_http_chunks chunks;
};

void sluice_flow_init(struct sluice_flow *flow,
		      enum sluice_http_framing framing, u64 length);
enum sluice_moved sluice_flow_move(struct sluice_flow *flow,
				   struct sluice_end *from,
				   struct sluice_end *to,
				   struct sluice_pieces *pieces);

#endif /* _SLUICE_KTLS_FLOW_H */
