/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The access log: a line for each request, in JSON or the combined format.
 *
 * Lines are gathered by each worker and written at the end of its turn, many with
 * one call; lines of several workers are never mixed. Writing never waits: what the
 * destination does not take is counted as lost.
 */
#ifndef PROXY_ACCESS_H
#define PROXY_ACCESS_H

#include <sluice/http_head.h>
#include <sluice/route_match.h>

#include "config/config.h"
#include "loop.h"

/* Why a request ended other than with a complete response. */
enum access_end {
	ACCESS_END_DONE,
	ACCESS_END_CLIENT_ABORT,   /* the client closed or reset */
	ACCESS_END_CLIENT_TIMEOUT, /* head or body did not come in time */
	ACCESS_END_CLIENT_REFUSED, /* head or body was not right: see @reason */
	ACCESS_END_REJECTED,	   /* by a route, or by a limit */
	ACCESS_END_NO_SERVER,	   /* none is up */
	ACCESS_END_QUEUE_TIMEOUT,
	ACCESS_END_QUEUE_FULL,
	ACCESS_END_CONNECT_FAILED,
	ACCESS_END_CONNECT_TIMEOUT,
	ACCESS_END_SERVER_ABORT,   /* it closed or reset before the end */
	ACCESS_END_SERVER_TIMEOUT, /* no head, or no more of its body, in time */
	ACCESS_END_SERVER_REFUSED, /* its response was not right: see @reason */
	ACCESS_END_SERVER_DOWN, /* it went down, or had drained: see @reason */
	ACCESS_END_SHUTDOWN,	/* the daemon ended */
	ACCESS_END_TUNNEL_TIMEOUT,
	ACCESS_END_ERROR, /* of our own: no memory, no descriptors */
	ACCESS_ENDS,
};

/**
 * access_end_name() - "done", "client-abort"...: for the log, and a label of metrics
 * @end: below ACCESS_ENDS
 *
 * Return: a word of letters and hyphens.
 */
const char *access_end_name(enum access_end end);

/**
 * struct access_record - a request that is over
 * @service: where
 * @route: that it took, or NULL
 * @pool: or NULL
 * @server: or NULL: none was reached
 * @source: client
 * @method: without data: no head was understood
 * @host: as asked for
 * @target: as asked for
 * @minor: of HTTP/1.x
 * @referer: without data: none
 * @agent: without data: none
 * @request_id: or NULL
 * @tls_version: or NULL: in clear
 * @tls_cipher: or NULL
 * @sni: or NULL
 * @status: sent to the client, 0: none
 * @end: how it ended
 * @reason: more of that, one line, or NULL
 * @retries: servers tried before the last
 * @reused: the connection to the server had served another request
 * @received: bytes of content from the client
 * @sent: bytes of content to the client
 * @time: when the first byte of the request came, ns since 1970
 * @head_us: until its head was complete
 * @queue_us: waiting for a server
 * @connect_us: until the server was connected; of the last try
 * @answer_us: from the request's head being sent to the response's head
 * @total_us: until the last byte was sent
 */
struct access_record {
	const struct config_service *service;
	const struct config_route *route;
	const struct config_pool *pool;
	const struct sluice_endpoint *server;
	const struct sluice_endpoint *source;
	struct sluice_text method;
	struct sluice_text host;
	struct sluice_text target;
	uint8_t minor;
	struct sluice_text referer;
	struct sluice_text agent;
	const char *request_id;
	const char *tls_version;
	const char *tls_cipher;
	const char *sni;
	unsigned int status;
	enum access_end end;
	const char *reason;
	unsigned int retries;
	bool reused;
	uint64_t received;
	uint64_t sent;
	uint64_t time;
	uint64_t head_us;
	uint64_t queue_us;
	uint64_t connect_us;
	uint64_t answer_us;
	uint64_t total_us;
};

/* Files that access logs of all services go to, by name; of the main thread. */
struct access_files;
/* One of them. */
struct access_file;
/* A worker's lines for one service. */
struct access_log;

/**
 * struct access_counts - what became of lines, of all files, since the start
 * @written: taken by their destination
 * @lost: not taken: a full disk, nobody who reads, no memory
 */
struct access_counts {
	uint64_t written;
	uint64_t lost;
};

/**
 * access_files_create() - no file yet
 *
 * Return: for access_files_free(), or NULL.
 */
struct access_files *access_files_create(void);

/**
 * access_files_free() - the end
 * @files: or NULL; all of them put, all logs freed
 */
void access_files_free(struct access_files *files);

/**
 * access_files_reopen() - open all of them anew, as they may have been moved away
 * @files: while workers write to them
 *
 * Where that fails, lines go where they went, and the daemon's log says so. The
 * daemon's own log is for log_reopen(), before or after. Context: main thread.
 */
void access_files_reopen(struct access_files *files);

/**
 * access_files_counts() - read the counters
 * @files: of them all
 *
 * Context: any thread. Return: a copy; neither ever goes back.
 */
struct access_counts access_files_counts(const struct access_files *files);

/**
 * access_files_open() - a destination for workers
 * @files: where it is kept by its path
 * @path: of &config_http.access_file: a file, which is made if it is not there, a
 *	named pipe that somebody reads, or the socket of a syslog daemon (/dev/log);
 *	NULL: the daemon's own log (log.h), as it is set at the time
 * @error: what is wrong, one line without the place in the configuration
 * @size: room there
 *
 * The same file is opened once, also across reloads. Context: main thread.
 *
 * Return: for access_file_put(), or NULL.
 */
struct access_file *access_files_open(struct access_files *files,
				      const char *path, char *error,
				      size_t size);

/**
 * access_file_put() - it is not needed any more
 * @file: or NULL; closed with the last that has it
 *
 * Context: any thread.
 */
void access_file_put(struct access_file *file);

/**
 * access_log_create() - a worker's way to a destination
 * @loop: of the worker
 * @file: held by the log: the caller may put its own
 * @format: enum config_access_log, not CONFIG_ACCESS_OFF
 *
 * It has memory for lines from the first one on. Context: any thread; what follows is
 * for the loop's.
 *
 * Return: for access_log_free(), or NULL.
 */
struct access_log *access_log_create(struct loop *loop,
				     struct access_file *file, int format);

/**
 * access_log_free() - the end of it
 * @log: or NULL; lines that are still there are written
 */
void access_log_free(struct access_log *log);

/**
 * access_log_write() - add a line
 * @log: of this worker
 * @record: nothing of it is kept
 *
 * What comes from outside is escaped: a line is a request, whatever it contains, of
 * at most 4016 bytes. It is written when the turn of the loop is over. No system call
 * and no allocation, but for the first line of a log, and every 16 kB of a turn.
 */
void access_log_write(struct access_log *log,
		      const struct access_record *record);

#endif /* PROXY_ACCESS_H */
