/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Marks around what is measured: instructions that do nothing, with an operand
 * that no compiler would choose. The plugin (count.c) knows them by their bytes.
 */
#ifndef MARK_H
#define MARK_H

#define MARK_SIZE 7
/* nopl 0x51ce0001(%rax), nopl 0x51ce0002(%rax) */
#define MARK_BEGIN { 0x0f, 0x1f, 0x80, 0x01, 0x00, 0xce, 0x51 }
#define MARK_END { 0x0f, 0x1f, 0x80, 0x02, 0x00, 0xce, 0x51 }

static inline void mark_begin(void)
{
	asm volatile(".byte 0x0f, 0x1f, 0x80, 0x01, 0x00, 0xce, 0x51" ::
			     : "memory");
}

static inline void mark_end(void)
{
	asm volatile(".byte 0x0f, 0x1f, 0x80, 0x02, 0x00, 0xce, 0x51" ::
			     : "memory");
}

#endif /* MARK_H */
