/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_KTLS_TURN_H
#define _SLUICE_KTLS_TURN_H

#include <linux/atomic.h>
#include <linux/llist.h>

struct workqueue_struct;

/**
 * struct sluice_turn - something that is done now and then, one time after the other
 * @node: in the list of those that wait on a CPU
 * @state: whether it waits, whether it is being done
 */
struct sluice_turn {
	struct llist_node node;
	atomic_t state;
};

int sluice_turns_init(struct workqueue_struct *wq,
		      void (*run)(struct sluice_turn *turn));
void sluice_turns_exit(void);
void sluice_turn_init(struct sluice_turn *turn);
bool sluice_turn_ask(struct sluice_turn *turn);
void sluice_turn_over(struct sluice_turn *turn);

#endif /* _SLUICE_KTLS_TURN_H */
