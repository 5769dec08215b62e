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

/*
 * Symbol namespaces are strings from 6.13 on. Ours, SLUICE, has what sluice.ko
 * gives to sluice_ktls.ko.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#define SLUICE_IMPORT_KUNIT MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING)
#define SLUICE_IMPORT MODULE_IMPORT_NS(SLUICE)
#define EXPORT_SYMBOL_SLUICE(symbol) EXPORT_SYMBOL_NS_GPL(symbol, SLUICE)
#else
#define SLUICE_IMPORT_KUNIT MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING")
#define SLUICE_IMPORT MODULE_IMPORT_NS("SLUICE")
#define EXPORT_SYMBOL_SLUICE(symbol) EXPORT_SYMBOL_NS_GPL(symbol, "SLUICE")
#endif

/* Addresses of calls within the kernel have a type of their own from 6.19 on. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 19, 0)
#define SLUICE_SOCKADDR struct sockaddr
#else
#define SLUICE_SOCKADDR struct sockaddr_unsized
#endif

/* From 6.18 on a workqueue has to say that its work stays on its CPU. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 18, 0)
#define SLUICE_WQ_PERCPU 0
#else
#define SLUICE_WQ_PERCPU WQ_PERCPU
#endif

#endif /* _SLUICE_COMPAT_H */
