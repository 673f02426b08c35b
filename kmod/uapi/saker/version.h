/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
#ifndef SAKER_UAPI_VERSION_H
#define SAKER_UAPI_VERSION_H

#define SAKER_VERSION "0.1.0"

/*
 * The ABI between module and daemon. The major number changes only when an old reader would misread
 * a record; everything else grows by SAKER_FEAT_* bits and by longer structures.
 */
#define SAKER_ABI_MAJOR 2
#define SAKER_ABI_MINOR 0

#endif
