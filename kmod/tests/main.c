// SPDX-License-Identifier: GPL-2.0
/* The module with the unit tests; built where the kernel has KUnit. */

#include <linux/module.h>

#include "../compat.h"
#include "suites.h"

kunit_test_suites(&sluice_tuple_suite, &sluice_sched_suite, &sluice_table_suite,
		  &sluice_tcp_suite, &sluice_tcp_option_suite, &sluice_translate_suite,
		  &sluice_route_same_suite, &sluice_reset_suite, &sluice_nat_suite);

SLUICE_IMPORT_KUNIT;
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Unit tests of Sluice");
