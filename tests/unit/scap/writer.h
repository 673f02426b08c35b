// SPDX-License-Identifier: Apache-2.0
// Writes small captures for the tests, in either byte order.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace saker::scap::test {

class Bytes {
 public:
  explicit Bytes(bool swapped = false) : swapped_(swapped) {}
  template <typename T>
  Bytes& num(T value) {
    char raw[sizeof(T)];
    for (unsigned i = 0; i < sizeof(T); i++)
      raw[swapped_ ? sizeof(T) - 1 - i : i] =
          static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i));
    out.append(raw, sizeof(T));
    return *this;
  }
  Bytes& u8(std::uint8_t v) { return num(v); }
  Bytes& u16(std::uint16_t v) { return num(v); }
  Bytes& u32(std::uint32_t v) { return num(v); }
  Bytes& u64(std::uint64_t v) { return num(v); }
  Bytes& i64(std::int64_t v) { return num(v); }
  Bytes& raw(std::string_view v) {
    out += v;
    return *this;
  }
  Bytes& str16(std::string_view v) { return u16(static_cast<std::uint16_t>(v.size())).raw(v); }
  std::string out;

 private:
  bool swapped_;
};

class CaptureWriter {
 public:
  explicit CaptureWriter(bool swapped = false) : swapped_(swapped) { section(); }

  Bytes bytes() const { return Bytes(swapped_); }
  std::string p64(std::int64_t v) const { return bytes().i64(v).out; }
  std::string p32(std::uint32_t v) const { return bytes().u32(v).out; }
  static std::string text(std::string_view v) { return std::string(v) + '\0'; }

  CaptureWriter& section() {
    file += bytes().u32(0x0a0d0d0a).u32(28).u32(0x1a2b3c4d).u16(1).u16(2).u64(~0ull).u32(28).out;
    return *this;
  }
  CaptureWriter& block(std::uint32_t type, std::string body) {
    while (body.size() % 4) body += '\0';
    std::uint32_t length = static_cast<std::uint32_t>(body.size()) + 12;
    file += bytes().u32(type).u32(length).raw(body).u32(length).out;
    return *this;
  }
  // A process of the current version, with an empty tail.
  std::string process(std::int64_t tid, std::int64_t pid, std::int64_t ptid, std::string_view comm,
                      std::string_view cwd, std::uint32_t flags = 0, std::string_view cgroups = "",
                      std::uint32_t uid = 0) const {
    Bytes body = bytes();
    body.i64(tid).i64(pid).i64(ptid).i64(pid).i64(pid).str16(comm).str16(comm).str16(
        "/bin/" + std::string(comm));
    body.str16("").str16(cwd).i64(1024).u32(flags).u32(uid).u32(0).u32(0).u32(0).u32(0).u64(0).u64(
        0);
    body.str16("A=1").i64(tid).i64(pid).str16(cgroups).str16("/");
    return bytes().u32(static_cast<std::uint32_t>(body.out.size()) + 4).raw(body.out).out;
  }
  CaptureWriter& processes(const std::string& entries) { return block(0x215, entries); }
  // An event of the current form.
  CaptureWriter& event(std::uint16_t type, std::int64_t tid, const std::vector<std::string>& params,
                       std::uint64_t time = 0) {
    return block(0x216, body(type, tid, params, time ? time : ++clock_ * 1000, true));
  }
  // An event of the first form, which does not contain its number of parameters.
  CaptureWriter& event_v1(std::uint16_t type, std::int64_t tid,
                          const std::vector<std::string>& params) {
    return block(0x204, body(type, tid, params, ++clock_ * 1000, false));
  }
  std::string body(std::uint16_t type, std::int64_t tid, const std::vector<std::string>& params,
                   std::uint64_t time, bool counted) const {
    Bytes lengths = bytes(), data = bytes();
    bool large = type == 322 || type == 324 || type == 402;  // for plugins and containers
    for (const std::string& param : params) {
      if (large)
        lengths.u32(static_cast<std::uint32_t>(param.size()));
      else
        lengths.u16(static_cast<std::uint16_t>(param.size()));
      data.raw(param);
    }
    std::uint32_t length =
        static_cast<std::uint32_t>((counted ? 26 : 22) + lengths.out.size() + data.out.size());
    Bytes event = bytes().u16(0).u64(time).i64(tid).u32(length).u16(type);
    if (counted) event.u32(static_cast<std::uint32_t>(params.size()));
    return event.raw(lengths.out).raw(data.out).out;
  }

  // A file that is deleted with the writer.
  const std::string& path() {
    path_ = std::string(P_tmpdir) + "/saker-scap-test-" + std::to_string(getpid());
    std::FILE* to = std::fopen(path_.c_str(), "wb");
    if (!to) std::abort();
    if (std::fwrite(file.data(), 1, file.size(), to) != file.size()) std::abort();
    std::fclose(to);
    return path_;
  }
  ~CaptureWriter() {
    if (!path_.empty()) unlink(path_.c_str());
  }

  std::string file;

 private:
  bool swapped_;
  std::uint64_t clock_ = 1000;
  std::string path_;
};

}  // namespace saker::scap::test
