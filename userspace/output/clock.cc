// SPDX-License-Identifier: Apache-2.0
#include "output/clock.h"

#include <ctime>

namespace saker::output {
namespace {

constexpr std::uint64_t second = 1'000'000'000;

void append_digits(std::string& out, std::uint64_t number, int digits) {
  char text[20];
  for (int i = digits; i-- > 0; number /= 10) text[i] = static_cast<char>('0' + number % 10);
  out.append(text, static_cast<std::size_t>(digits));
}

void append_clock(std::string& out, const std::tm& at, std::uint64_t ns) {
  append_digits(out, static_cast<std::uint64_t>(at.tm_hour), 2);
  out += ':';
  append_digits(out, static_cast<std::uint64_t>(at.tm_min), 2);
  out += ':';
  append_digits(out, static_cast<std::uint64_t>(at.tm_sec), 2);
  out += '.';
  append_digits(out, ns % second, 9);
}

void append_date_and_clock(std::string& out, std::uint64_t ns) {
  std::time_t seconds = static_cast<std::time_t>(ns / second);
  std::tm at{};
  ::gmtime_r(&seconds, &at);
  append_digits(out, static_cast<std::uint64_t>(at.tm_year + 1900), 4);
  out += '-';
  append_digits(out, static_cast<std::uint64_t>(at.tm_mon + 1), 2);
  out += '-';
  append_digits(out, static_cast<std::uint64_t>(at.tm_mday), 2);
  out += 'T';
  append_clock(out, at, ns);
}

}  // namespace

void append_time_of_day(std::string& out, std::uint64_t ns) {
  std::time_t seconds = static_cast<std::time_t>(ns / second);
  std::tm at{};
  ::localtime_r(&seconds, &at);
  append_clock(out, at, ns);
}

void append_iso8601(std::string& out, std::uint64_t ns) {
  append_date_and_clock(out, ns);
  out += "+0000";
}

void append_utc(std::string& out, std::uint64_t ns) {
  append_date_and_clock(out, ns);
  out += 'Z';
}

}  // namespace saker::output
