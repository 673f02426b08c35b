// SPDX-License-Identifier: Apache-2.0
#include "service/config/page.h"

#include <arpa/inet.h>

#include <algorithm>

#include "service/config/page_config.h"
#include "service/config/web_config.h"

namespace saker::service {
namespace {

constexpr std::uint32_t least_mb = 16, most_mb = 1u << 20, most_days = 3650;

void read_bounded(const At& at, std::uint32_t& to, std::uint32_t least, std::uint32_t most) {
  std::uint32_t value = to;
  const std::size_t before = at.target.result.errors.size();
  read_number(at, value, most);
  if (at.target.result.errors.size() != before) return;
  if (value < least)
    return at.wrong(
        at.key + " is " + std::to_string(value) + ", and must be at least " + std::to_string(least),
        "write it like " + at.key + " = " + std::to_string(to));
  to = value;
}

}  // namespace

void read_page_address(const At& at) {
  std::string address;
  const std::size_t before = at.target.result.errors.size();
  read_string(at, address, "127.0.0.1");
  if (at.target.result.errors.size() != before) return;
  in6_addr any;
  if (::inet_pton(AF_INET, address.c_str(), &any) != 1 &&
      ::inet_pton(AF_INET6, address.c_str(), &any) != 1)
    return at.wrong(at.key + " is \"" + address + "\", no address in digits",
                    "write it like " + at.key + " = \"127.0.0.1\", \"::1\" or \"0.0.0.0\"");
  at.target.result.page.listen_address = std::move(address);
}

void read_page_port(const At& at) { read_number(at, at.target.result.page.listen_port, 65535); }

void read_page_hosts(const At& at) {
  std::vector<std::string> hosts;
  read_strings(at, hosts, "sensor.example");
  for (const std::string& host : hosts)
    if (host.empty() || host.find_first_of("/ :*@\t") != host.npos)
      return at.wrong(at.key + " has \"" + host + "\", which is no host's name",
                      "write names alone, without scheme, port or wildcard");
  at.target.result.page.hosts = std::move(hosts);
}

void read_history_mb(const At& at) {
  read_bounded(at, at.target.result.page.history_max_mb, least_mb, most_mb);
}

void read_history_days(const At& at) {
  read_bounded(at, at.target.result.page.history_max_days, 1, most_days);
}

PageProblem page_problem(const PageConfig& config) {
  if (config.certificate.empty() != config.key.empty())
    return {"web.certificate and web.key go together, and only one of them is there",
            "name both files, or neither"};
  if (!config.client_ca.empty() && config.certificate.empty())
    return {"web.client_ca wants certificates of clients, which there are with TLS only",
            "name web.certificate and web.key too"};
  if (is_loopback(config.listen_address)) return {};
  if (config.certificate.empty())
    return {"web.listen_address is " + config.listen_address + ", beyond this host, without TLS",
            "name web.certificate and web.key, or listen on 127.0.0.1"};
  if (config.password_file.empty() && config.client_ca.empty())
    return {
        "web.listen_address is " + config.listen_address + ", beyond this host, without a password",
        "name web.password_file (saker web password makes it) or web.client_ca, or listen on "
        "127.0.0.1"};
  return {};
}

}  // namespace saker::service
