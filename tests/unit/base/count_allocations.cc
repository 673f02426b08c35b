// SPDX-License-Identifier: Apache-2.0
#include "count_allocations.h"

#include <cstdlib>
#include <new>
#include <utility>

namespace {
thread_local bool counting = false;
thread_local std::size_t allocations = 0;
}  // namespace

std::size_t saker::test::count_allocations(bool on) {
  counting = on;
  return on ? std::exchange(allocations, 0) : allocations;
}

void* operator new(std::size_t size) {
  if (counting) allocations++;
  if (void* at = std::malloc(size)) return at;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  if (counting) allocations++;
  return std::malloc(size);
}
void operator delete(void* at) noexcept { std::free(at); }
void operator delete(void* at, std::size_t) noexcept { std::free(at); }
