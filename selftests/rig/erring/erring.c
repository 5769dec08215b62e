// SPDX-License-Identifier: GPL-2.0
/* A module that errs: the rig's own test sees what becomes of that. */

#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

static char *how = "";
module_param(how, charp, 0);
MODULE_PARM_DESC(how, "locks, rcu, leak, overrun or warning");

static DEFINE_MUTEX(one);
static DEFINE_MUTEX(other);
static int __rcu *shared;

static int __init err_in_locks(void)
{
	mutex_lock(&one);
	mutex_lock(&other);
	mutex_unlock(&other);
	mutex_unlock(&one);

	mutex_lock(&other);
	mutex_lock(&one);
	mutex_unlock(&one);
	mutex_unlock(&other);
	return 0;
}

static int __init err_in_rcu(void)
{
	return rcu_dereference(shared) ? -EINVAL : 0;
}

static int __init leak(void)
{
	void *lost = kmalloc(512, GFP_KERNEL);

	OPTIMIZER_HIDE_VAR(lost);
	return lost ? 0 : -ENOMEM;
}

static int __init overrun(void)
{
	char *small = kmalloc(16, GFP_KERNEL);
	size_t behind = 16;

	if (!small)
		return -ENOMEM;
	OPTIMIZER_HIDE_VAR(behind);
	small[behind] = 0;
	kfree(small);
	return 0;
}

static int __init erring_init(void)
{
	if (!strcmp(how, "locks"))
		return err_in_locks();
	if (!strcmp(how, "rcu"))
		return err_in_rcu();
	if (!strcmp(how, "leak"))
		return leak();
	if (!strcmp(how, "overrun"))
		return overrun();
	return WARN_ON(!strcmp(how, "warning")) ? 0 : -EINVAL;
}

static void __exit erring_exit(void)
{
}

module_init(erring_init);
module_exit(erring_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Errs, for the rig's test");
