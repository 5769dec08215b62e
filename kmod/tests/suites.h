/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_TESTS_SUITES_H
#define _SLUICE_TESTS_SUITES_H

#include <kunit/test.h>

extern struct kunit_suite sluice_tuple_suite;
extern struct kunit_suite sluice_sched_suite;
extern struct kunit_suite sluice_table_suite;
extern struct kunit_suite sluice_nat_suite;
extern struct kunit_suite sluice_reset_suite;
extern struct kunit_suite sluice_route_same_suite;
extern struct kunit_suite sluice_tcp_suite;
extern struct kunit_suite sluice_tcp_option_suite;
extern struct kunit_suite sluice_translate_suite;

#endif /* _SLUICE_TESTS_SUITES_H */
