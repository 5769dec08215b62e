// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A plugin for the emulator: how many instructions of each piece of code the
 * guest executed between two marks that it sets itself (mark.h).
 *
 *   -plugin count.so,out=PREFIX
 *
 * writes PREFIX.1, PREFIX.2 and so on, one for each measured section, with
 * lines 'ADDRESS INSTRUCTIONS', ADDRESS being where a translated block begins;
 * 0 stands for all of user space.
 *
 * The emulator's header is not packaged, so what is used of its plugin
 * interface (version 4) is declared here.
 */

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mark.h"

#define EXPORT __attribute__((visibility("default")))

struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_plugin_scoreboard;
struct qemu_info;

struct counter {
	struct qemu_plugin_scoreboard *score;
	size_t offset;
};

#define OP_ADD 0
#define FLAGS_NO_REGS 0

typedef void (*exec_fn)(unsigned int cpu, void *data);
typedef void (*translate_fn)(uint64_t id, struct qemu_plugin_tb *tb);

void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, translate_fn fn);
void qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(
	struct qemu_plugin_tb *tb, int op, struct counter counter,
	uint64_t operand);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    exec_fn fn, int flags, void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *
qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
size_t qemu_plugin_insn_data(const struct qemu_plugin_insn *insn, void *to,
			     size_t size);
struct qemu_plugin_scoreboard *qemu_plugin_scoreboard_new(size_t size);
void *qemu_plugin_scoreboard_find(struct qemu_plugin_scoreboard *score,
				  unsigned int cpu);

EXPORT int qemu_plugin_version = 4;

/* Slots by address, open addressing; slot 0 is user space. */
#define SLOTS (1u << 19)
static uint64_t addresses[SLOTS];
static struct qemu_plugin_scoreboard *score;
static const char *out = "profile";
static int sections;

static size_t slot_of(uint64_t address)
{
	size_t slot = (address * 0x9e3779b97f4a7c15u) >> 45, tries;

	if (address >> 63 == 0)
		return 0;
	for (tries = 0; tries < SLOTS; tries++) {
		slot = slot % (SLOTS - 1) + 1;
		if (!addresses[slot])
			addresses[slot] = address;
		if (addresses[slot] == address)
			return slot;
	}
	fprintf(stderr, "count: more than %u blocks of code\n", SLOTS);
	exit(1);
}

static void begin(unsigned int cpu, void *data)
{
	memset(qemu_plugin_scoreboard_find(score, cpu), 0,
	       SLOTS * sizeof(uint64_t));
}

static void end(unsigned int cpu, void *data)
{
	const uint64_t *counts = qemu_plugin_scoreboard_find(score, cpu);
	char name[4096];
	FILE *file;
	size_t i;

	snprintf(name, sizeof(name), "%s.%d", out, ++sections);
	file = fopen(name, "w");
	for (i = 0; file && i < SLOTS; i++) {
		if (counts[i])
			fprintf(file, "%" PRIx64 " %" PRIu64 "\n", addresses[i],
				counts[i]);
	}
	if (!file || fclose(file))
		perror(name);
}

static void look_for_marks(struct qemu_plugin_insn *insn)
{
	static const unsigned char marks[2][MARK_SIZE] = { MARK_BEGIN,
							   MARK_END };
	unsigned char code[MARK_SIZE];

	if (qemu_plugin_insn_data(insn, code, sizeof(code)) != sizeof(code))
		return;
	if (!memcmp(code, marks[0], sizeof(code)))
		qemu_plugin_register_vcpu_insn_exec_cb(insn, begin,
						       FLAGS_NO_REGS, NULL);
	else if (!memcmp(code, marks[1], sizeof(code)))
		qemu_plugin_register_vcpu_insn_exec_cb(insn, end, FLAGS_NO_REGS,
						       NULL);
}

static void translated(uint64_t id, struct qemu_plugin_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb), i;
	uint64_t address = qemu_plugin_tb_vaddr(tb);
	struct counter counter = { score, slot_of(address) * sizeof(uint64_t) };

	qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb, OP_ADD, counter,
							  n);
	/* Only user space sets marks. */
	for (i = 0; address >> 63 == 0 && i < n; i++)
		look_for_marks(qemu_plugin_tb_get_insn(tb, i));
}

EXPORT int qemu_plugin_install(uint64_t id, const struct qemu_info *info,
			       int argc, char **argv)
{
	int i;

	for (i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "out=", 4))
			out = strdup(argv[i] + 4);
	}
	score = qemu_plugin_scoreboard_new(SLOTS * sizeof(uint64_t));
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
