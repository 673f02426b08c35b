// SPDX-License-Identifier: Apache-2.0
// The data of a descriptor for a socket: one area of 40 bytes, whose meaning depends on the
// socket's type. When the type changes, the bytes of the old type are read with the meaning of the
// new one. Falco does the same and rule files were written with it, so this is kept.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace saker::scap {

enum class L4 : std::uint8_t { unknown, none, tcp, udp, icmp, raw };

// Both ends of a socket. For a server socket only the destination counts: the address it is bound
// to.
struct SocketEnds {
  std::array<std::uint8_t, 16> source{}, dest{};  // network order; IPv4 in the first four bytes
  std::uint16_t source_port = 0, dest_port = 0;

  bool operator==(const SocketEnds&) const = default;
  SocketEnds swapped() const { return {dest, source, dest_port, source_port}; }
};

class SocketArea {
 public:
  // The offsets of a form's parts; -1: it does not have the part.
  struct Form {
    int source, dest, source_port, dest_port, l4;
    std::size_t address;  // bytes of one
  };
  static constexpr Form pair4{0, 4, 8, 10, 12, 4};
  static constexpr Form pair6{0, 16, 32, 34, 36, 16};
  static constexpr Form server4{-1, 0, -1, 4, 6, 4};
  static constexpr Form server6{-1, 0, -1, 16, 18, 16};

  SocketEnds ends(const Form& form) const {
    SocketEnds out;
    read(form.source, out.source.data(), form.address);
    read(form.dest, out.dest.data(), form.address);
    read(form.source_port, &out.source_port, 2);
    read(form.dest_port, &out.dest_port, 2);
    return out;
  }
  void set_ends(const Form& form, const SocketEnds& ends) {
    write(form.source, ends.source.data(), form.address);
    write(form.dest, ends.dest.data(), form.address);
    write(form.source_port, &ends.source_port, 2);
    write(form.dest_port, &ends.dest_port, 2);
  }
  L4 l4(const Form& form) const {
    return static_cast<L4>(bytes_[static_cast<std::size_t>(form.l4)]);
  }
  void set_l4(const Form& form, L4 l4) {
    bytes_[static_cast<std::size_t>(form.l4)] = static_cast<std::uint8_t>(l4);
  }

  std::string_view bytes() const {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }
  void set_bytes(std::string_view bytes) {
    bytes_ = {};
    std::memcpy(bytes_.data(), bytes.data(), std::min(bytes.size(), bytes_.size()));
  }

 private:
  void read(int at, void* to, std::size_t size) const {
    if (at >= 0) std::memcpy(to, bytes_.data() + at, size);
  }
  void write(int at, const void* from, std::size_t size) {
    if (at >= 0) std::memcpy(bytes_.data() + at, from, size);
  }

  std::array<std::uint8_t, 40> bytes_{};
};

}  // namespace saker::scap
