/* SPDX-License-Identifier: GPL-2.0-only */
/* /dev/saker: opening it, becoming its consumer, and what the consumer maps and asks. */
#ifndef SAKER_CHARDEV_H
#define SAKER_CHARDEV_H

int saker_chardev_init(void);
void saker_chardev_exit(void);

#endif
