/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_COMPAT_H
#define _SLUICE_COMPAT_H

/*
 * Differences between the kernels that Sluice supports, 6.12 and later. No
 * other file looks at the version of a kernel.
 */

#include <linux/module.h>
#include <linux/version.h>

#if !IS_ENABLED(CONFIG_IPV6)
#error "Sluice needs a kernel with CONFIG_IPV6; IPv6 may be switched off at run time"
#endif

/* Symbol namespaces are strings from 6.13 on. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#define SLUICE_IMPORT_KUNIT MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING)
#else
#define SLUICE_IMPORT_KUNIT MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING")
#endif

#endif /* _SLUICE_COMPAT_H */
