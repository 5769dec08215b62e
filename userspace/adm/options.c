// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The command line, in the form of ipvsadm (letters) or in words. It is first
 * taken apart, then checked against what the command takes, then converted: so
 * the order of options does not matter.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adm.h"
#include "route.h"

struct line {
	struct adm_request *req;
	struct adm_message *msg;
	const char *command_word;
	const char *values[OPT_COUNT];
	const char *operands[ADM_WORDS_MAX];
	unsigned int operands_count;
};

int adm_wrong(struct adm_message *msg, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(msg->text, sizeof(msg->text), format, args);
	va_end(args);
	return ADM_USAGE;
}

/* Options of ipvsadm that have no counterpart here: why, and what is there. */
static const struct {
	char letter;
	const char *name;
	const char *why;
} unavailable[] = {
	{ 'f', "fwmark-service", "only TCP and UDP services (-t, -u)" },
	{ 0, "sctp-service", "only TCP and UDP services (-t, -u)" },
	{ '6', "ipv6", "write the address of a service in brackets" },
	{ 'p', "persistent", "there is no persistence" },
	{ 'M', "netmask", "there is no persistence" },
	{ 0, "pe", "there is no persistence" },
	{ 0, "persistent-conn", "there is no persistence" },
	{ 'o', "ops", "there is no one-packet scheduling" },
	{ 'b', "sched-flags", "no scheduler has flags" },
	{ 'x', "u-threshold", "servers have no thresholds" },
	{ 'y', "l-threshold", "servers have no thresholds" },
	{ 0, "thresholds", "servers have no thresholds" },
	{ 0, "tun-info", "tunnels are IP in IP (-i)" },
	{ 0, "start-daemon", "connections are not synchronised" },
	{ 0, "stop-daemon", "connections are not synchronised" },
	{ 0, "daemon", "connections are not synchronised" },
};

static int find_unavailable(struct line *line, char letter, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(unavailable); i++)
		if ((letter && unavailable[i].letter == letter) ||
		    (name && strcmp(unavailable[i].name, name) == 0))
			return adm_wrong(line->msg, "--%s is not available: %s",
					 unavailable[i].name,
					 unavailable[i].why);
	if (name)
		return adm_wrong(line->msg,
				 "--%s: no such option, see sluiceadm --help",
				 name);
	return adm_wrong(line->msg, "-%c: no such option, see sluiceadm --help",
			 letter);
}

/* Which option it is; OPT_COUNT if none. */
static unsigned int find_option(char letter, const char *name)
{
	unsigned int opt;

	for (opt = 0; opt < OPT_COUNT; opt++)
		if ((letter && adm_options[opt].letter == letter) ||
		    (name && strcmp(adm_options[opt].name, name) == 0))
			break;
	return opt;
}

static const struct adm_command *find_command(char letter, const char *name)
{
	if (letter == 'l')
		letter = 'L';
	for (size_t i = 0; i < adm_commands_count; i++) {
		const struct adm_command *command = &adm_commands[i];

		if ((letter && command->letter == letter) ||
		    (name && command->option &&
		     strcmp(command->option, name) == 0))
			return command;
	}
	return NULL;
}

static int take_command(struct line *line, const struct adm_command *command,
			const char *word)
{
	if (line->command_word)
		return adm_wrong(line->msg, "%s and %s: one command at a time",
				 line->command_word, word);
	line->req->command = command;
	line->command_word = word;
	return ADM_DONE;
}

static int take_option(struct line *line, unsigned int opt, const char *value)
{
	if (line->req->given & BIT(opt))
		return adm_wrong(line->msg, "--%s: given twice",
				 adm_options[opt].name);
	line->req->given |= BIT(opt);
	line->values[opt] = value;
	return ADM_DONE;
}

/* "--name", "--name=value", "--name value". Return: as take_letters(). */
static int take_name(struct line *line, char *const argv[])
{
	const struct adm_command *command;
	const char *word = argv[0];
	const char *value = strchr(word, '=');
	size_t length = value ? (size_t)(value - word) - 2 : strlen(word) - 2;
	bool takes_value;
	unsigned int opt;
	char name[32];

	if (length >= sizeof(name))
		return adm_wrong(line->msg,
				 "%.200s: no such option, see sluiceadm --help",
				 word);
	memcpy(name, word + 2, length);
	name[length] = '\0';
	command = find_command(0, name);
	opt = find_option(0, name);
	if (!command && opt == OPT_COUNT)
		return find_unavailable(line, 0, name);
	takes_value = !command && adm_options[opt].convert;
	if (value && !takes_value)
		return adm_wrong(line->msg, "--%s: takes no value", name);
	if (command)
		return take_command(line, command, word);
	if (!takes_value)
		return take_option(line, opt, NULL);
	if (value)
		return take_option(line, opt, value + 1);
	if (!argv[1])
		return adm_wrong(line->msg, "--%s: a value is missing", name);
	if (take_option(line, opt, argv[1]))
		return ADM_USAGE;
	return -1;
}

/*
 * Letters that may be joined: "-Ln", "-w5", "-w 5". Return: an exit status, or
 * -1 if all is well and the next word was used up as a value.
 */
static int take_letters(struct line *line, char *const argv[])
{
	const struct adm_command *command;
	unsigned int opt;
	int err;

	for (const char *at = argv[0] + 1; *at; at++) {
		command = find_command(*at, NULL);
		opt = find_option(*at, NULL);
		if (!command && opt == OPT_COUNT)
			return find_unavailable(line, *at, NULL);
		if (!command && adm_options[opt].convert) {
			if (!at[1] && !argv[1])
				return adm_wrong(line->msg,
						 "-%c: a value is missing",
						 *at);
			err = take_option(line, opt, at[1] ? at + 1 : argv[1]);
			return err || at[1] ? err : -1;
		}
		err = command ? take_command(line, command, argv[0]) :
				take_option(line, opt, NULL);
		if (err)
			return err;
	}
	return ADM_DONE;
}

static void list_verbs(char *to, size_t size, const char *object)
{
	size_t used = 0;

	to[0] = '\0';
	for (size_t i = 0; i < adm_commands_count; i++)
		if (adm_commands[i].object && adm_commands[i].verb &&
		    strcmp(adm_commands[i].object, object) == 0 && used < size)
			used += (size_t)snprintf(to + used, size - used, "%s%s",
						 used ? ", " : "",
						 adm_commands[i].verb);
}

/* "object verb" at the start of the line. Return: words used, 0 if wrong. */
static int take_words(struct line *line, int argc, char *const argv[])
{
	const char *verb = argc > 1 && argv[1][0] != '-' ? argv[1] : NULL;
	bool known = false;
	char verbs[128];

	for (size_t i = 0; i < adm_commands_count; i++) {
		const struct adm_command *command = &adm_commands[i];

		if (!command->object || strcmp(command->object, argv[0]) != 0)
			continue;
		known = true;
		if (command->verb &&
		    strcmp(command->verb, verb ? verb : "show"))
			continue;
		line->req->command = command;
		line->command_word = argv[0];
		return command->verb && verb ? 2 : 1;
	}
	if (!known)
		adm_wrong(line->msg,
			  "%.200s: no such command, see sluiceadm --help",
			  argv[0]);
	list_verbs(verbs, sizeof(verbs), argv[0]);
	if (known && verb)
		adm_wrong(line->msg, "%s %.200s: not one of %s", argv[0], verb,
			  verbs);
	else if (known)
		adm_wrong(line->msg, "%s: one of %s has to follow", argv[0],
			  verbs);
	return 0;
}

static int take_operand(struct line *line, const char *word)
{
	if (line->operands_count == ADM_WORDS_MAX)
		return adm_wrong(line->msg, "'%.200s': too many words", word);
	line->operands[line->operands_count++] = word;
	return ADM_DONE;
}

static int split(struct line *line, int argc, char *const argv[])
{
	bool options_end = false;
	int i = 0;
	int err;

	if (argc > 0 && argv[0][0] != '-') {
		i = take_words(line, argc, argv);
		if (i == 0)
			return ADM_USAGE;
	}
	for (; i < argc; i++) {
		err = ADM_DONE;
		if (options_end || argv[i][0] != '-' || !argv[i][1])
			err = take_operand(line, argv[i]);
		else if (argv[i][1] != '-')
			err = take_letters(line, argv + i);
		else if (argv[i][2])
			err = take_name(line, argv + i);
		else
			options_end = true;
		if (err > 0)
			return err;
		if (err < 0)
			i++;
	}
	return ADM_DONE;
}

/* Name the options of a set for a message, such as "-t, -u or --pool". */
static const char *list_options(char *to, size_t size, uint64_t set,
				const char *last)
{
	size_t used = 0;

	to[0] = '\0';
	for (unsigned int opt = 0; opt < OPT_COUNT && used < size; opt++) {
		const char *between = set >> opt >> 1 ? ", " : last;

		if (!(set & BIT(opt)))
			continue;
		if (!used)
			between = "";
		if (adm_options[opt].letter)
			used += (size_t)snprintf(to + used, size - used,
						 "%s-%c", between,
						 adm_options[opt].letter);
		else
			used += (size_t)snprintf(to + used, size - used,
						 "%s--%s", between,
						 adm_options[opt].name);
	}
	return to;
}

static int check_options(struct line *line)
{
	const struct adm_command *command = line->req->command;
	uint64_t given = line->req->given;
	uint64_t may = command->may | command->implies;
	char text[128];

	for (size_t i = 0; i < ARRAY_SIZE(command->needs); i++)
		may |= command->needs[i];
	for (unsigned int opt = 0; opt < OPT_COUNT; opt++)
		if (given & ~may & BIT(opt))
			return adm_wrong(line->msg, "--%s: of no use with %s",
					 adm_options[opt].name,
					 line->command_word);
	for (size_t i = 0; i < ARRAY_SIZE(command->needs); i++)
		if (command->needs[i] && !(given & command->needs[i]))
			return adm_wrong(
				line->msg, "%s: needs %s", line->command_word,
				list_options(text, sizeof(text),
					     command->needs[i], " or "));
	return ADM_DONE;
}

/* At most one of these. */
static int check_one(struct line *line, uint64_t set)
{
	char text[128];

	set &= line->req->given;
	if (set & (set - 1))
		return adm_wrong(line->msg, "%s: not together",
				 list_options(text, sizeof(text), set,
					      " and "));
	return ADM_DONE;
}

static int check(struct line *line)
{
	const struct adm_command *command = line->req->command;
	uint64_t given = line->req->given;

	if (!command)
		return adm_wrong(
			line->msg,
			"no command: one of -A -E -D -C -a -e -d -L -Z -S -R --set, see sluiceadm --help");
	line->req->given |= command->implies;
	if (check_options(line) || check_one(line, OPTS_SERVICE) ||
	    check_one(line, OPTS_LIST) || check_one(line, OPTS_FORWARD) ||
	    check_one(line, BIT(OPT_SORT) | BIT(OPT_NOSORT)))
		return ADM_USAGE;
	/* For -A and -E the pool belongs to the service, else it replaces it. */
	if ((command->needs[0] == OPTS_POOL ||
	     command->run == cmd_server_show) &&
	    check_one(line, OPTS_POOL))
		return ADM_USAGE;
	if ((given & BIT(OPT_INTERVAL)) && !(given & BIT(OPT_RATE)))
		return adm_wrong(line->msg, "--interval: only with --rate");
	if (command->run == cmd_service_show &&
	    (given & (BIT(OPT_SERVER) | BIT(OPT_CLIENT))) &&
	    !(given & BIT(OPT_CONNECTION)))
		return adm_wrong(line->msg, "-r and --client: only with -c");
	if (line->operands_count > command->operands_max)
		return adm_wrong(line->msg,
				 "'%.200s': nothing more may follow %s",
				 line->operands[command->operands_max],
				 line->command_word);
	if (line->operands_count < command->operands_min)
		return adm_wrong(line->msg, "%s: needs %s", line->command_word,
				 command->operands);
	return ADM_DONE;
}

static int convert(struct line *line)
{
	const struct adm_command *command = line->req->command;
	int err;

	for (unsigned int opt = 0; opt < OPT_COUNT; opt++) {
		if (!line->values[opt])
			continue;
		err = adm_options[opt].convert(line->req, line->values[opt],
					       line->msg);
		if (err)
			return err;
	}
	for (unsigned int i = 0; i < line->operands_count; i++) {
		err = command->operand(line->req, i, line->operands[i],
				       line->msg);
		if (err)
			return err;
	}
	return command->finish ? command->finish(line->req, line->msg) :
				 ADM_DONE;
}

/*
 * The forwarding method by its letter; and as ipvsadm has it, a server that
 * gets packets unchanged is on the service's port, whatever was given.
 */
static void settle_forward(struct adm_request *req)
{
	if (adm_has(req, OPT_GATEWAYING))
		req->forward = SLUICE_FORWARD_DR;
	if (adm_has(req, OPT_IPIP))
		req->forward = SLUICE_FORWARD_TUNNEL;
	if (req->forward != SLUICE_FORWARD_NAT && req->service.protocol)
		req->server.port = req->service.at.port;
}

/**
 * adm_parse() - understand a command line
 * @req: filled in; for adm_request_free() if this succeeds
 * @argc: number of words, without the name of the program
 * @argv: the words, then NULL; not needed any more afterwards
 * @msg: says what is wrong
 *
 * Return: 0 or the exit status that says what is wrong.
 */
int adm_parse(struct adm_request *req, int argc, char *const argv[],
	      struct adm_message *msg)
{
	struct line line = { .req = req, .msg = msg };
	int err;

	memset(req, 0, sizeof(*req));
	req->interval = 1;
	err = split(&line, argc, argv);
	/* Like ipvsadm, list the table where nothing is asked for. */
	if (!err && argc == 0)
		take_command(&line, find_command('L', NULL), "-L");
	if (!err)
		err = check(&line);
	if (!err)
		err = convert(&line);
	if (!err)
		settle_forward(req);
	else
		adm_request_free(req);
	return err;
}

/**
 * adm_request_free() - free what a request points to
 * @req: the request
 */
void adm_request_free(struct adm_request *req)
{
	adm_route_free(req->route);
	req->route = NULL;
	free(req->file);
	req->file = NULL;
	json_decref(req->ask);
	req->ask = NULL;
}
