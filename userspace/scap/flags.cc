// SPDX-License-Identifier: Apache-2.0
#include "scap/flags.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <saker/event.h>

#include <iterator>

namespace saker::scap {
namespace {

struct Bit {
  std::uint32_t capture;
  std::uint64_t kernel;
};

constexpr Bit open_bits[] = {
    {1u << 2, O_CREAT},      {1u << 3, O_APPEND}, {1u << 4, O_DSYNC},    {1u << 5, O_EXCL},
    {1u << 6, O_NONBLOCK},   {1u << 7, O_SYNC},   {1u << 8, O_TRUNC},    {1u << 9, O_DIRECT},
    {1u << 10, O_DIRECTORY}, {1u << 11, 0100000}, {1u << 12, O_CLOEXEC}, {1u << 13, O_TMPFILE},
};
constexpr Bit file_bits[] = {
    {1u << 14, SAKER_FILE_CREATED},
    {1u << 15, SAKER_FILE_UPPER},
    {1u << 16, SAKER_FILE_LOWER},
};
constexpr Bit clone_bits[] = {
    {1u << 0, CLONE_FILES},         {1u << 1, CLONE_FS},       {1u << 2, CLONE_IO},
    {1u << 3, CLONE_NEWIPC},        {1u << 4, CLONE_NEWNET},   {1u << 5, CLONE_NEWNS},
    {1u << 6, CLONE_NEWPID},        {1u << 7, CLONE_NEWUTS},   {1u << 8, CLONE_PARENT},
    {1u << 9, CLONE_PARENT_SETTID}, {1u << 10, CLONE_PTRACE},  {1u << 11, CLONE_SIGHAND},
    {1u << 12, CLONE_SYSVSEM},      {1u << 13, CLONE_THREAD},  {1u << 14, CLONE_UNTRACED},
    {1u << 15, CLONE_VM},           {1u << 20, CLONE_NEWUSER}, {1u << 23, CLONE_CHILD_CLEARTID},
    {1u << 24, CLONE_CHILD_SETTID}, {1u << 25, CLONE_SETTLS},  {1u << 27, CLONE_VFORK},
    {1u << 28, CLONE_NEWCGROUP},
};
constexpr Bit resolve_bits[] = {
    {1u << 0, RESOLVE_BENEATH},     {1u << 1, RESOLVE_IN_ROOT}, {1u << 2, RESOLVE_NO_MAGICLINKS},
    {1u << 3, RESOLVE_NO_SYMLINKS}, {1u << 4, RESOLVE_NO_XDEV}, {1u << 5, RESOLVE_CACHED},
};
// IORING_SETUP_*: the capture has another flag between SQPOLL and SQ_AFF.
constexpr Bit ring_bits[] = {
    {1u << 0, 1u << 0}, {1u << 1, 1u << 1}, {1u << 3, 1u << 2}, {1u << 4, 1u << 3},
    {1u << 5, 1u << 4}, {1u << 6, 1u << 5}, {1u << 7, 1u << 6},
};

// By the capture's number; if architectures differ, the kernel's values on x86.
constexpr std::uint64_t ptrace_requests[] = {
    ~0ull,  0,      1,      2,      3,      4,      5,      6,      7,      8,
    9,      16,     17,     24,     0x4200, 0x4201, 0x4202, 0x4203, 0x4204, 0x4205,
    0x4206, 0x4207, 0x4208, 0x4209, 0x420a, 0x420b, 12,     13,     14,     15,
    18,     19,     21,     25,     26,     30,     31,     32,     33,
};

template <std::size_t N>
std::uint64_t translate(const Bit (&bits)[N], std::uint32_t flags) {
  std::uint64_t out = 0;
  for (const Bit& bit : bits)
    if (flags & bit.capture) out |= bit.kernel;
  return out;
}

}  // namespace

OpenFlags open_flags(std::uint32_t flags) {
  constexpr std::uint64_t access[] = {O_ACCMODE, O_RDONLY, O_WRONLY, O_RDWR};
  return {access[flags & 3] | translate(open_bits, flags), translate(file_bits, flags)};
}

std::uint64_t clone_flags(std::uint32_t flags) { return translate(clone_bits, flags); }

std::uint64_t ptrace_request(std::uint32_t request) {
  return request < std::size(ptrace_requests) ? ptrace_requests[request] : ~0ull;
}

std::uint64_t resolve_flags(std::uint32_t flags) { return translate(resolve_bits, flags); }

std::uint64_t ring_setup_flags(std::uint32_t flags) { return translate(ring_bits, flags); }

}  // namespace saker::scap
