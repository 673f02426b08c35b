// SPDX-License-Identifier: Apache-2.0
// Errors as values. An Error is a sentence for a person: what failed, on which object, why, and
// what to do about it. Result<T> holds a T or an Error; the compiler warns if it is ignored. Errors
// in rules are not Errors but lang::Diagnostic.
#pragma once

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>
#include <variant>

namespace saker {

struct Error {
  std::string message;
  int code = 0;  // errno if there is one

  // "what: No such file or directory", from `errnum`.
  static Error from_errno(const std::string& what, int errnum = errno) {
    return {what + ": " + std::strerror(errnum), errnum};
  }
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return state_.index() == 0; }
  T& operator*() & { return std::get<0>(state_); }
  const T& operator*() const& { return std::get<0>(state_); }
  T&& operator*() && { return std::get<0>(std::move(state_)); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }
  const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)), ok_(false) {}

  explicit operator bool() const { return ok_; }
  const Error& error() const { return error_; }

 private:
  Error error_;
  bool ok_ = true;
};

}  // namespace saker
