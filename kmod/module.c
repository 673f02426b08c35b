// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loading and unloading. The module does nothing before a consumer has set up rings and asked for
 * events.
 */
#include <linux/module.h>
#include <saker/version.h>
#include "chardev.h"
#include "hook.h"
#include "wait.h"

static int __init saker_init(void)
{
	int err;

	err = saker_wait_init();
	if (err)
		return err;
	err = saker_hooks_init();
	if (err)
		goto err_wait;
	err = saker_chardev_init();
	if (err)
		goto err_hooks;
	return 0;

err_hooks:
	saker_hooks_exit();
err_wait:
	saker_wait_exit();
	return err;
}

static void __exit saker_exit(void)
{
	saker_chardev_exit();
	saker_hooks_exit();
	saker_wait_exit();
}

module_init(saker_init);
module_exit(saker_exit);
MODULE_LICENSE("GPL");
MODULE_VERSION(SAKER_VERSION);
MODULE_DESCRIPTION("Runtime security sensor: system calls into per-CPU rings");
