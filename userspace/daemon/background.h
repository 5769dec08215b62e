/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A daemon that goes on by itself: whoever started it waits until it is ready, and is
 * told by the exit status.
 */
#ifndef DAEMON_BACKGROUND_H
#define DAEMON_BACKGROUND_H

/**
 * background_enter() - go on in a child, in a session of its own
 *
 * In the parent it returns when the child is ready, or has ended.
 *
 * Context: before any thread.
 *
 * Return: -1: this is the child. In the parent, the exit status: 0 if it is ready,
 * or else that of the child; 1 with a message where there is none.
 */
int background_enter(void);

/*
 * The child is ready; it waits a moment for the parent's end, so that a service manager
 * sees a child of its own. Where background_enter() was not called it does nothing.
 */
void background_ready(void);

#endif /* DAEMON_BACKGROUND_H */
