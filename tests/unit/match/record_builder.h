// SPDX-License-Identifier: Apache-2.0
// Records and processes for tests and benchmarks, made without a kernel.
#pragma once

#include <saker/event.h>

#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "decode/record.h"
#include "enrich/container.h"
#include "enrich/process.h"

namespace saker::testing {

inline bool is_blob(decode::ParamType type) { return type >= decode::ParamType::STR; }

class RecordBuilder {
 public:
  explicit RecordBuilder(std::uint16_t type) {
    head_.type = type;
    head_.nparams = static_cast<std::uint16_t>(decode::event_info(type).params.size());
    head_.ts = 5'000'000'000;
    head_.tid = head_.pid = 1000;
    slots_.resize(head_.nparams);
    texts_.resize(head_.nparams);
    for (unsigned i = 0; i < head_.nparams; i++) {
      if (is_blob(decode::event_info(type).params[i].type)) set_blob(i, {0, 0, SAKER_BLOB_ABSENT});
    }
  }

  saker_rec& head() { return head_; }
  RecordBuilder& ret(std::int64_t value) {
    head_.ret = value;
    return *this;
  }
  RecordBuilder& set(unsigned slot, std::uint64_t value) {
    slots_[slot] = value;
    return *this;
  }
  RecordBuilder& text(unsigned slot, std::string_view value, __u16 flags = 0) {
    texts_[slot] = value;
    set_blob(slot, {0, static_cast<__u16>(value.size()), flags});
    return *this;
  }
  RecordBuilder& sock(unsigned slot, const saker_sock& value) {
    return text(slot, {reinterpret_cast<const char*>(&value), sizeof(value)});
  }

  // The bytes as in a ring, in units of eight bytes so that they are aligned.
  std::vector<std::uint64_t> build() {
    std::string bytes(sizeof(head_) + slots_.size() * 8, '\0');
    for (unsigned i = 0; i < slots_.size(); i++) {
      saker_blob blob;
      std::memcpy(&blob, &slots_[i], sizeof(blob));
      if (is_blob(decode::event_info(head_.type).params[i].type) &&
          !(blob.flags & SAKER_BLOB_ABSENT)) {
        bytes.resize((bytes.size() + 7) & ~std::size_t{7});
        blob.off = static_cast<__u32>(bytes.size());
        bytes += texts_[i];
        set_blob(i, blob);
      }
    }
    std::vector<std::uint64_t> words((bytes.size() + 7) / 8);
    head_.len = static_cast<__u32>(words.size() * 8);
    std::memcpy(bytes.data(), &head_, sizeof(head_));
    std::memcpy(bytes.data() + sizeof(head_), slots_.data(), slots_.size() * 8);
    std::memcpy(words.data(), bytes.data(), bytes.size());
    return words;
  }

 private:
  void set_blob(unsigned slot, saker_blob blob) { std::memcpy(&slots_[slot], &blob, sizeof(blob)); }

  saker_rec head_{};
  std::vector<std::uint64_t> slots_;
  std::vector<std::string> texts_;
};

// A process and the texts that it points to.
class ProcessBox {
 public:
  ProcessBox() { process.known = true; }

  ProcessBox& command(std::string comm, std::string exepath, const std::vector<std::string>& args) {
    process.own.comm = keep(std::move(comm));
    process.own.exepath = process.own.exe = keep(std::move(exepath));
    std::string line(process.own.comm);
    args_.clear();
    for (const std::string& arg : args) {
      line += " " + arg;
      args_.push_back(keep(arg));
    }
    process.own.args = args_;
    process.own.cmdline = keep(line);
    if (process.own.cwd.empty()) process.own.cwd = "/";
    return *this;
  }
  ProcessBox& environment(const std::vector<std::string>& env) {
    env_.clear();
    for (const std::string& entry : env) env_.push_back(keep(entry));
    process.own.env = env_;
    return *this;
  }
  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }

  enrich::LoneProcess process;

 private:
  std::deque<std::string> texts_;
  std::vector<std::string_view> args_, env_;
};

inline saker_sock tcp4(std::uint32_t local, std::uint16_t local_port, std::uint32_t remote,
                       std::uint16_t remote_port, std::uint8_t role) {
  saker_sock sock{};
  sock.family = 2;
  sock.type = 1;
  sock.protocol = 6;
  sock.role = role;
  sock.flags = SAKER_SOCK_CONNECTED;
  sock.local_port = local_port;
  sock.remote_port = remote_port;
  for (int i = 0; i < 4; i++) {
    sock.local[i] = static_cast<__u8>(local >> (24 - 8 * i));
    sock.remote[i] = static_cast<__u8>(remote >> (24 - 8 * i));
  }
  return sock;
}

}  // namespace saker::testing
