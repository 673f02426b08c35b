// SPDX-License-Identifier: Apache-2.0
#include "service/http_request.h"

#include <algorithm>
#include <charconv>

namespace saker::service {
namespace {

constexpr std::size_t most_fields = 100;

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// A method or the name of a field (RFC 9110, section 5.6.2). A proxy may read a name with a space
// before the colon as another one.
bool is_token(std::string_view text) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           others.find(c) != others.npos;
  });
}

// METHOD PATH[?QUERY] VERSION
void read_line(std::string_view line, HttpRequest& request) {
  const std::size_t first = line.find(' '), last = line.rfind(' ');
  if (first == line.npos || first == last || line.find(' ', first + 1) != last) {
    request.refusal = 400;
    return;
  }
  request.method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  request.path = target.substr(0, target.find('?'));
  if (request.path.size() < target.size()) request.query = target.substr(request.path.size() + 1);
  const std::string_view version = line.substr(last + 1);
  if (version == "HTTP/1.0")
    request.keep = false;
  else if (version != "HTTP/1.1")
    request.refusal = version.starts_with("HTTP/") ? 505 : 400;
  if (request.refusal == 0 && !(is_token(request.method) && request.path.starts_with('/')))
    request.refusal = 400;
}

// Two lengths, or a length together with chunks, are used to smuggle requests past a proxy.
void read_length(std::string_view value, HttpRequest& request, bool& has_length) {
  const char* end = value.data() + value.size();
  const auto [at, error] = std::from_chars(value.data(), end, request.body_bytes);
  if (has_length || error != std::errc() || at != end) request.refusal = 400;
  has_length = true;
}

void read_field(std::string_view line, HttpRequest& request, bool& has_length) {
  const std::size_t colon = line.find(':');
  const bool named = colon != line.npos && is_token(line.substr(0, colon));
  if (!named || request.fields.size() == most_fields) {
    request.refusal = named ? 431 : 400;
    return;
  }
  HttpRequest::Field field{lower(line.substr(0, colon)), trimmed(line.substr(colon + 1))};
  if (field.name == "connection" && lower(field.value).find("close") != std::string::npos)
    request.keep = false;
  if (field.name == "transfer-encoding") request.refusal = 413;
  if (field.name == "content-length") read_length(field.value, request, has_length);
  request.fields.push_back(std::move(field));
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

}  // namespace

std::string_view HttpRequest::field(std::string_view name) const {
  const auto found = std::ranges::find(fields, name, &Field::name);
  return found == fields.end() ? std::string_view() : found->value;
}

HttpRequest parse_head(std::string_view text) {
  HttpRequest request;
  const std::string_view line = text.substr(0, text.find("\r\n"));
  read_line(line, request);
  bool has_length = false;
  for (std::size_t at = line.size() + 2; at < text.size() && request.refusal == 0;) {
    const std::size_t end = std::min(text.find("\r\n", at), text.size());
    read_field(text.substr(at, end - at), request, has_length);
    at = end + 2;
  }
  return request;
}

std::string url_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); i++) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
                        hex_digit(text[i + 2]) >= 0;
    if (escape) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::string query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const std::size_t equals = pair.find('=');
    if (pair.substr(0, equals) == name)
      return equals == pair.npos ? std::string() : url_decoded(pair.substr(equals + 1));
  }
  return {};
}

}  // namespace saker::service
