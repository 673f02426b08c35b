// SPDX-License-Identifier: Apache-2.0
#include "plain.h"

#include <arpa/inet.h>
#include <fnmatch.h>
#include <netdb.h>
#include <re2/re2.h>

#include <algorithm>
#include <bitset>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fields/number.h"
#include "fields/text/transform.h"
#include "fields/text/utf8.h"
#include "random_rules.h"

namespace saker::testing {
namespace {

using fields::FieldType;
using fields::Value;
using lang::Expr;
using lang::Modifier;
using lang::Op;
using lang::Operand;

struct Plain {
  bool set = false;
  bool is_list = false;
  bool text_like = false;
  std::string text;
  std::uint64_t bits = 0;
  std::optional<double> real;  // a number that is not an integer
  unsigned width = 0;          // of a raw argument in its event: number of bits that count, 0: all
  bool has_sign = false;
  std::vector<Plain> items;
};

struct Context {
  const fields::Event& event;
  fields::View view;
  fields::Scratch& scratch;
};

Plain plain_of(const Value& value) {
  Plain plain;
  plain.set = value.set();
  plain.bits = value.bits;
  plain.text = std::string(value.text);
  plain.text_like = value.kind == Value::Kind::text || value.kind == Value::Kind::address;
  plain.is_list = value.kind == Value::Kind::list;
  if (fields::is_real(value)) plain.real = fields::real_of(value);
  plain.width = fields::is_real(value) ? 0 : fields::width_of(value);
  plain.has_sign = value.kind == Value::Kind::number;
  for (std::uint32_t i = 0; plain.is_list && i < value.count; i++)
    plain.items.push_back(plain_of(value.items[i]));
  return plain;
}

Plain text_plain(std::string text) {
  Plain plain;
  plain.set = plain.text_like = true;
  plain.text = std::move(text);
  return plain;
}

// Bit by bit: whole bytes, and after them less than one byte, which must be zero.
Plain decoded(std::string text) {
  static const std::string digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (text.empty()) return text_plain("");
  for (int i = 0; i < 2 && text.ends_with('='); i++) text.pop_back();
  std::string bits, bytes;
  for (char c : text) {
    std::size_t digit = digits.find(c);
    if (digit == digits.npos) return {};
    bits += std::bitset<6>(digit).to_string();
  }
  std::string rest = bits.substr(bits.size() / 8 * 8);
  if (text.empty() || rest.size() == 6 || rest.find('1') != rest.npos) return {};
  for (std::size_t at = 0; at + 8 <= bits.size(); at += 8)
    bytes += static_cast<char>(std::bitset<8>(bits, at, 8).to_ulong());
  return text_plain(bytes);
}

Plain joined(const std::string& between, const std::vector<Plain>& items) {
  std::string all;
  for (std::size_t i = 0; i < items.size(); i++) all += (i ? between : "") + items[i].text;
  return all.size() > fields::max_made_text ? Plain{} : text_plain(all);
}

// Letters and arguments of the options, or the last value of the `wanted` one.
Plain options(const std::vector<Plain>& words, const std::string& known,
              const std::string& wanted) {
  std::set<char> plain, with_argument;
  for (std::size_t i = 0; i < known.size(); i++) {
    if (known[i] == ':') continue;
    plain.insert(known[i]);
    if (i + 1 < known.size() && known[i + 1] == ':') with_argument.insert(known[i]);
  }
  Plain all, last;
  all.set = all.is_list = true;
  for (std::size_t i = 0; i < words.size(); i++) {
    std::string word = words[i].text;
    if (word == "--" || word.size() < 2 || word[0] != '-') break;
    if (word[1] == '-') continue;
    for (std::size_t k = 1; k < word.size(); k++) {
      if (!plain.count(word[k])) {
        all.items.push_back(text_plain("?"));
        continue;
      }
      Plain letter = text_plain(word.substr(k, 1)), value = letter;
      bool takes_one = with_argument.count(word[k]), missing = false;
      if (takes_one) {
        value = text_plain(word.substr(k + 1));
        missing = value.text.empty() && i + 1 == words.size();
        if (value.text.empty() && !missing) value = text_plain(words[++i].text);
      }
      if (!missing) all.items.push_back(letter);
      if (takes_one) all.items.push_back(value);
      if (letter.text == wanted) last = value;
      if (takes_one) break;
    }
  }
  return wanted.empty() ? all : last;
}

Plain evaluate(const Operand& operand, Context& context);

Plain changed_text(fields::Transform how, std::string text) {
  bool down = how == fields::Transform::tolower;
  switch (how) {
    case fields::Transform::basename: return text_plain(text.substr(text.find_last_of('/') + 1));
    case fields::Transform::b64: return decoded(text);
    default:
      for (char& c : text) {
        if (down && c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
        if (!down && c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
      }
      return text_plain(text);
  }
}

Plain changed(const Operand& operand, const std::vector<Plain>& inputs) {
  std::string text = inputs[0].text;
  switch (operand.transform) {
    case fields::Transform::tolower:
    case fields::Transform::toupper:
    case fields::Transform::basename:
    case fields::Transform::b64: {
      if (!inputs[0].is_list) return changed_text(operand.transform, text);
      Plain list = inputs[0];
      for (Plain& item : list.items) {
        item = changed_text(operand.transform, item.text);
        if (!item.set) return {};
      }
      return list;
    }
    case fields::Transform::len: {
      Plain length;
      length.set = true;
      length.bits = inputs[0].is_list ? inputs[0].items.size() : text.size();
      return length;
    }
    case fields::Transform::concat: return joined("", inputs);
    case fields::Transform::join: return joined(text, inputs[1].items);
    case fields::Transform::getopt: return options(inputs[0].items, inputs[1].text, operand.arg);
    default: return inputs[0];
  }
}

std::string name_of(const decode::Record& record) {
  const bool foreign = record.type() == SAKER_EV_foreign;
  return std::string(foreign ? record.str(SAKER_P_foreign_name) : record.info().name);
}
bool is_call(const decode::Record& record) {
  const std::string name = name_of(record);
  return name != "procexit" && name != "switch" && name != "procinfo";
}

// The cases that the plain interpreter decides itself, without a getter, so that it finds values
// that the matcher wrongly treats as unset.
std::optional<Plain> known_value(const Operand& operand, const Context& context) {
  if (operand.text.starts_with("static.")) {
    const auto fields = random_static_fields();
    auto found = fields.find(operand.text.substr(std::strlen("static.")));
    return text_plain(found == fields.end() ? operand.fixed : found->second);
  }
  if (operand.text != "syscall.type") return std::nullopt;
  return is_call(context.event.record) ? text_plain(name_of(context.event.record)) : Plain{};
}

Plain evaluate(const Operand& operand, Context& context) {
  if (operand.kind == Operand::Kind::constant) return text_plain(operand.text);
  if (std::optional<Plain> known = known_value(operand, context)) return *known;
  if (operand.kind == Operand::Kind::field) {
    fields::FieldRef ref = fields::field_ref(fields::all_fields()[operand.field].name,
                                             operand.has_arg || !operand.arg.empty(), operand.arg);
    return plain_of(fields::extract(ref, context.event, context.view, context.scratch));
  }
  std::vector<Plain> inputs;
  for (const Operand& item : operand.items) {
    inputs.push_back(evaluate(item, context));
    if (!inputs.back().set) return {};
  }
  if (operand.kind == Operand::Kind::transform) return changed(operand, inputs);
  Plain list;
  list.set = list.is_list = true;
  list.items = inputs;
  return list;
}

std::vector<std::string> components(const std::string& path) {
  std::vector<std::string> parts;
  std::string part;
  for (char c : path + "/") {
    if (c != '/') {
      part += c;
    } else if (!part.empty()) {
      parts.push_back(part);
      part.clear();
    }
  }
  return parts;
}

bool below(const std::string& path, const std::string& prefix) {
  std::vector<std::string> has = components(path), wants = components(prefix);
  if (wants.size() > has.size()) return false;
  for (std::size_t i = 0; i < wants.size(); i++) {
    if (fnmatch(wants[i].c_str(), has[i].c_str(), 0) != 0) return false;
  }
  return true;
}

std::string lowered(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return text;
}

std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return bytes;
}

bool text_op(Op op, const std::string& left, const std::string& right, Context& context) {
  switch (op) {
    case Op::ne: return left != right;
    case Op::contains: return left.find(right) != left.npos;
    case Op::bcontains: return left.find(from_hex(right)) != left.npos;
    case Op::icontains: return lowered(left).find(lowered(right)) != left.npos;
    case Op::startswith: return left.compare(0, right.size(), right) == 0;
    case Op::bstartswith: return left.rfind(from_hex(right), 0) == 0;
    case Op::endswith:
      return left.size() >= right.size() && left.substr(left.size() - right.size()) == right;
    case Op::glob: return fnmatch(right.c_str(), left.c_str(), 0) == 0;
    case Op::iglob: return fnmatch(right.c_str(), left.c_str(), FNM_CASEFOLD) == 0;
    case Op::regex: {
      std::string valid(fields::valid_utf8(left, context.scratch));
      return re2::RE2::FullMatch(valid, re2::RE2(right, re2::RE2::POSIX));
    }
    case Op::pmatch: return below(left, right);
    default: return left == right;
  }
}

template <typename T>
bool number_op(Op op, T left, T right) {
  switch (op) {
    case Op::ne: return left != right;
    case Op::lt: return left < right;
    case Op::le: return left <= right;
    case Op::gt: return left > right;
    case Op::ge: return left >= right;
    default: return left == right;
  }
}

// Both sides with the width of the argument in its event.
bool cut_number_op(Op op, const Plain& left, std::uint64_t right) {
  const unsigned gone = 64 - left.width;
  if (!left.has_sign) return number_op(op, left.bits << gone, right << gone);
  return number_op(op, static_cast<std::int64_t>(left.bits << gone),
                   static_cast<std::int64_t>(right << gone));
}

std::string address_of(const std::string& text) {
  char bytes[16];
  int family = text.find(':') == text.npos ? AF_INET : AF_INET6;
  inet_pton(family, text.c_str(), bytes);
  return std::string(bytes, family == AF_INET ? 4 : 16);
}

bool in_net(const std::string& address, const std::string& net) {
  std::string base = address_of(net.substr(0, net.find('/')));
  unsigned length = static_cast<unsigned>(std::stoi(net.substr(net.find('/') + 1)));
  if (base.size() != address.size()) return false;
  for (unsigned bit = 0; bit < length; bit++) {
    unsigned mask = 0x80u >> (bit % 8);
    if ((static_cast<unsigned char>(base[bit / 8]) & mask) !=
        (static_cast<unsigned char>(address[bit / 8]) & mask))
      return false;
  }
  return true;
}

bool is_signed(FieldType type) {
  return type == FieldType::int64 || type == FieldType::fd || type == FieldType::pid ||
         type == FieldType::double_;
}

// One value against one constant.
bool against_constant(const Expr& check, const Plain& left, const std::string& right,
                      Context& context) {
  FieldType type = check.left.type;
  switch (type) {
    case FieldType::string:
    case FieldType::path:
    case FieldType::bytes: return text_op(check.op, left.text, right, context);
    case FieldType::bool_: return number_op<std::uint64_t>(check.op, left.bits, right == "true");
    case FieldType::ipaddr: return number_op<std::string>(check.op, left.text, address_of(right));
    case FieldType::ipnet: return in_net(left.text, right) != (check.op == Op::ne);
    case FieldType::port: {
      std::uint64_t port = std::strtoull(right.c_str(), nullptr, 10);
      return number_op(check.op, left.bits, port & 0xffff);
    }
    default: break;
  }
  if (left.text_like) return false;  // a raw argument that is a text in this event
  unsigned bits =
      check.left.kind == Operand::Kind::field ? fields::all_fields()[check.left.field].bits : 64;
  if (check.left.text.starts_with("evt.rawarg."))
    bits = fields::find_event_param(check.left.arg)->bits;
  auto number = std::uint64_t{std::strtoull(right.c_str(), nullptr, 10)};
  if (left.real)
    return number_op(check.op, *left.real, static_cast<double>(static_cast<std::int64_t>(number)));
  if (left.width > 0) return cut_number_op(check.op, left, number);
  if (is_signed(type)) {
    auto wide = static_cast<std::int64_t>(number);
    if (bits == 32) wide = static_cast<std::int32_t>(number);
    if (bits == 16) wide = static_cast<std::int16_t>(number);
    if (bits == 8) wide = static_cast<std::int8_t>(number);
    return number_op(check.op, static_cast<std::int64_t>(left.bits), wide);
  }
  if (bits < 64) number &= (std::uint64_t{1} << bits) - 1;
  return number_op(check.op, left.bits, number);
}

bool against_all(const Expr& check, const Plain& left, Context& context) {
  if (check.right.kind == Operand::Kind::field || check.right.kind == Operand::Kind::transform) {
    Plain right = evaluate(check.right, context);
    if (!right.set) return false;
    auto agrees = [&](const Plain& other) {
      if (left.text_like) return text_op(check.op, left.text, other.text, context);
      if (is_signed(check.left.type))
        return number_op(check.op, static_cast<std::int64_t>(left.bits),
                         static_cast<std::int64_t>(other.bits));
      return number_op(check.op, left.bits, other.bits);
    };
    if (!right.is_list) return agrees(right);
    return std::any_of(right.items.begin(), right.items.end(), agrees);
  }
  std::vector<std::string> constants;
  if (check.right.kind == Operand::Kind::list) {
    for (const Operand& item : check.right.items) constants.push_back(item.text);
  } else {
    constants.push_back(check.right.text);
  }
  auto hits = static_cast<std::size_t>(
      std::count_if(constants.begin(), constants.end(), [&](const std::string& constant) {
        return against_constant(check, left, constant, context);
      }));
  if (check.modifier == Modifier::oneof) return hits == 1;
  if (check.modifier == Modifier::allof) return hits == constants.size() && hits > 0;
  return hits > 0;
}

bool check_holds(const Expr& check, Context& context) {
  Plain left = evaluate(check.left, context);
  if (!left.set) return false;
  if (check.op == Op::exists) return true;
  bool computed =
      check.right.kind == Operand::Kind::field || check.right.kind == Operand::Kind::transform;
  if (computed && !evaluate(check.right, context).set) return false;
  if (!left.is_list) return against_all(check, left, context);
  auto passes = [&](const Plain& item) { return against_all(check, item, context); };
  bool field = check.left.kind == Operand::Kind::field;
  bool every = field && check.op == Op::ne && !fields::all_fields()[check.left.field].any_ancestor;
  // A list, as opposed to several values of a field: all elements must be in the set.
  if (!field && check.op == Op::in) every = true;
  // A field that is equal to nothing: for a descriptor that is not a socket.
  if (field && left.items.empty()) return false;
  return every ? std::all_of(left.items.begin(), left.items.end(), passes)
               : std::any_of(left.items.begin(), left.items.end(), passes);
}

bool expr_holds(const Expr& expr, Context& context) {
  auto holds = [&](const Expr& child) { return expr_holds(child, context); };
  switch (expr.kind) {
    case Expr::Kind::all: return std::all_of(expr.children.begin(), expr.children.end(), holds);
    case Expr::Kind::any: return std::any_of(expr.children.begin(), expr.children.end(), holds);
    case Expr::Kind::negate: return !holds(expr.children[0]);
    default: return check_holds(expr, context);
  }
}

}  // namespace

bool plain_holds(const lang::Rule& rule, const fields::Event& event, fields::View view,
                 fields::Scratch& scratch) {
  // A rule's events are deduced from its condition. If the event is a call, they include every
  // event for which the condition is true, so they need not be checked; otherwise Falco's search
  // for events decides.
  if (!is_call(event.record) && !fields::kinds_of(rule.events)[event.kind()]) return false;
  Context context{event, view, scratch};
  return expr_holds(rule.expr, context);
}

}  // namespace saker::testing
