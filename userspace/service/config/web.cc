// SPDX-License-Identifier: Apache-2.0
#include "service/config/web.h"

#include <arpa/inet.h>

namespace saker::service {

bool is_loopback(const std::string& address) {
  in_addr v4;
  if (::inet_pton(AF_INET, address.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6;
  return ::inet_pton(AF_INET6, address.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

void read_listen_address(const At& at) {
  std::string address;
  const std::size_t before = at.target.result.errors.size();
  read_string(at, address, "127.0.0.1");
  if (at.target.result.errors.size() != before) return;
  if (!is_loopback(address))
    return at.wrong(
        at.key + " is \"" + address + "\", which is not an address of the loopback interface",
        "write 127.0.0.1 or ::1; saker-web serves /metrics beyond this host, with TLS and a "
        "password: see [web]");
  at.target.result.web.listen_address = std::move(address);
}

void read_listen_port(const At& at) { read_number(at, at.target.result.web.listen_port, 65535); }

void read_endpoint(const At& at) {
  std::string path = at.target.result.web.k8s_healthz_endpoint;
  read_string(at, path, "/healthz");
  if (!path.starts_with('/') || path.find_first_of("? \t\r\n") != path.npos)
    return at.wrong(at.key + " is not a path", "write it like " + at.key + " = \"/healthz\"");
  at.target.result.web.k8s_healthz_endpoint = std::move(path);
}

}  // namespace saker::service
