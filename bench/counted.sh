# SPDX-License-Identifier: Apache-2.0
# Sourced before tools/vm/run: the guest counts its instructions.
# shellcheck shell=bash
# One instruction takes one nanosecond. Without erms and fsrm: otherwise each byte of a string copy
# counts as one.
ACCEL="-accel tcg -cpu max,erms=off,fsrm=off -seed 1 -rtc base=2024-01-01,clock=vm"
export ACCEL+=" -icount shift=0,sleep=off"
