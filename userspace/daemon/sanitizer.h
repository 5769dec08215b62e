/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SANITIZER is 1 in a build with AddressSanitizer, which looks into its own process
 * and makes system calls of its own.
 */
#ifndef DAEMON_SANITIZER_H
#define DAEMON_SANITIZER_H

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define SANITIZER 1
#endif
#endif

#ifdef __SANITIZE_ADDRESS__
#define SANITIZER 1
#endif

#ifndef SANITIZER
#define SANITIZER 0
#endif

#endif /* DAEMON_SANITIZER_H */
