// SPDX-License-Identifier: Apache-2.0
#include "random_rules.h"

#include <fcntl.h>

namespace saker::testing {
namespace {

const char* const paths[] = {"/etc/passwd",
                             "/etc/shadow",
                             "/etc",
                             "/",
                             "/usr/bin/bash",
                             "/usr/bin/../bin/cat",
                             "etc/hosts",
                             "/tmp//a",
                             "/tmp/a/",
                             "/home/u/.ssh/id_rsa",
                             "/home/u/.ssh/known_hosts",
                             "./x",
                             "..",
                             "",
                             "/usr/lib/x86_64-linux-gnu/libc.so.6",
                             "/var/log/\xff\xfe.log",
                             "/Etc/Passwd",
                             "/tmp/a[b]*c"};
const char* const names[] = {
    "bash", "sh", "cat", "nginx", "python3", "", "BASH", "a b", "\xc3\xa9t\xc3\xa9", "x\"y",
    // Options, and base64: of "bash", "/etc" and "cat", a short one, and an invalid one.
    "-b", "-ax", "-bcat", "--", "--all", "-", "YmFzaA==", "L2V0Yw", "Y2F0", "YQ=", "Y", "Y2F0!",
    "YR==", "YQ===", "="};
const char* const patterns[] = {"*",     "/etc/*",     "*pass*", "?etc?shadow", "/[ehu]*",
                                "[!a]*", "*.so.[0-9]", "ba?h",   "\\\\*"};
const char* const regexes[] = {".*",      "/etc/.*", "(ba)?sh", "[a-z]+", "/usr/(bin|lib)/.+",
                               "x|y|cat", ""};
const char* const addresses[] = {"10.0.0.1",  "10.0.0.2", "192.168.1.5",
                                 "127.0.0.1", "::1",      "2001:db8::1"};
const char* const networks[] = {"10.0.0.0/8",   "192.168.1.0/29", "0.0.0.0/0",
                                "127.0.0.1/32", "2001:db8::/33",  "::/1",
                                "10.0.0.2/31",  "10.0.0.3/30",    "192.168.0.0/16",
                                "10.128.0.0/9", "::1/128",        "2001:db8::1/64"};
const char* const numbers[] = {"0",  "1",          "-1", "3",     "1000",      "443",
                               "-2", "4294967295", "80", "65536", "4294967299"};
// The last ones are only from foreign sources, some of them not calls.
const char* const types[] = {
    "open",    "openat", "creat", "execve",  "connect", "accept", "sendto", "unlink",   "renameat",
    "symlink", "linkat", "chmod", "mkdirat", "setuid",  "dup2",   "ptrace", "procexit", "mount",
    "fchmod",  "bind",   "pread", "prlimit", "llseek",  "pwrite", "futex",  "switch",   "procinfo"};

const char* const text_fields[] = {"proc.name",
                                   "proc.pname",
                                   "proc.cmdline",
                                   "proc.exepath",
                                   "proc.aname",
                                   "proc.aname[2]",
                                   "fd.name",
                                   "fd.directory",
                                   "fd.filename",
                                   "fd.nameraw",
                                   "fd.typechar",
                                   "fs.path.name",
                                   "fs.path.source",
                                   "fs.path.target",
                                   "evt.arg.flags",
                                   "evt.arg.name",
                                   "evt.arg.path",
                                   "evt.arg[1]",
                                   "evt.res",
                                   "user.name",
                                   "container.id",
                                   "container.image.repository",
                                   "proc.env[A]",
                                   "proc.args",
                                   "proc.args[0]",
                                   "proc.aexepath",
                                   "proc.sname",
                                   "fd.l4proto",
                                   "evt.type",
                                   "evt.args",
                                   "fd.type",
                                   "thread.cap_effective",
                                   "proc.cwd",
                                   "evt.category",
                                   "syscall.type",
                                   "proc.aexe",
                                   "proc.acmdline",
                                   "proc.acmdline[1]",
                                   "proc.aenv",
                                   "proc.aenv[A]",
                                   "proc.aenv[1]",
                                   "proc.aenv[NONE]",
                                   "proc.env",
                                   "proc.env[NONE]",
                                   "proc.args[1]",
                                   "proc.args[7]",
                                   "proc.aname[0]",
                                   "proc.aname[9]",
                                   "proc.aargs",
                                   "proc.aargs[1]",
                                   "evt.arg[0]",
                                   "evt.arg[30]",
                                   "evt.arg.fd",
                                   "evt.arg.tuple",
                                   "evt.rawarg.name",
                                   "evt.rawarg.path",
                                   "evt.rawarg.exe",
                                   "evt.info",
                                   "evt.abspath",
                                   "fs.path.nameraw",
                                   "container.mount.dest[0]",
                                   "container.label[a]",
                                   "static.site",
                                   "static.shell",
                                   "static.nothing"};
const char* const number_fields[] = {
    "fd.num",          "evt.rawres",     "proc.pid",           "proc.tty",
    "user.uid",        "user.loginuid",  "proc.apid",          "proc.vpid",
    "evt.num",         "evt.cpu",        "group.gid",          "proc.cmdnargs",
    "proc.duration",   "evt.rawarg.res", "evt.rawarg.flags",   "evt.count.error",
    "evt.rawarg.mode", "evt.rawarg.fd",  "evt.rawarg.dirfd",   "evt.rawarg.uid",
    "evt.rawarg.size", "evt.rawarg.pid", "evt.rawarg.request", "evt.rawarg.dev",
    "proc.apid[1]",    "proc.apid[30]",  "proc.loginshellid",  "evt.type.is.open"};
const char* const bool_fields[] = {"evt.is_open_read", "evt.is_open_write", "evt.is_open_create",
                                   "evt.is_open_exec", "evt.failed",        "proc.is_exe_writable",
                                   "fd.is_server",     "fd.connected",      "fd.name_changed",
                                   "thread.ismain"};
const char* const ip_fields[] = {"fd.sip", "fd.cip", "fd.ip", "fd.rip", "fd.lip"};
const char* const net_fields[] = {"fd.net", "fd.snet", "fd.cnet", "fd.rnet"};
const char* const port_fields[] = {"fd.sport", "fd.cport", "fd.port", "fd.lport"};
const char* const changeable[] = {"proc.name",    "fd.name",     "proc.cmdline", "fs.path.name",
                                  "proc.exepath", "evt.res",     "proc.args[1]", "proc.args[7]",
                                  "proc.aargs",   "static.site", "static.shell", "evt.arg.name"};

const char* const words[] = {"proc.args[0]", "proc.args[1]", "proc.name",   "\"-b\"",
                             "\"-ab\"",      "\"x\"",        "\"-b\"",      "\"cat\"",
                             "\"\"",         "\"-ba\"",      "static.site", "proc.args[7]"};
const char* const options[] = {"ab:", "ab", "bb:a", "b:ba", ":ab:", "b::a", "a:", "", "xab:c"};
// Left sides that are lists, few enough that rules share them.
const char* const lists[] = {"getopt((proc.args[0], proc.args[1], \"cat\"), \"ab:\")",
                             "getopt((proc.args[1], proc.name), \"b:xa\")",
                             "getopt((\"-ab\", proc.name), \"ab:\")",
                             "getopt((proc.args[1], static.site, \"-b\"), \"bb:a\")",
                             "toupper(getopt((proc.args[1], proc.name), \"b:xa\"))",
                             "basename(getopt((\"-b\", proc.args[0], \"-a\"), \"ab:\"))",
                             "b64(getopt((\"-b\", proc.name), \"b:\"))",
                             "getopt((\"-a\", \"-b\"), \"ab:\")",
                             "getopt((proc.name, \"-ab\"), \"xab:\")",
                             "b64(getopt((\"-b\"), \"b:\"))",
                             "b64(getopt((\"-abYmFzaA==\", proc.name), \"b:\"))"};
const char* const elements[] = {"a",  "b",   "x",    "cat",  "bash", "?",  "",      "passwd",
                                "-b", "CAT", "BASH", "/etc", "A",    "sh", "nginx", "python3"};
const char* const byte_fields[] = {"evt.buffer"};
const char* const hexes[] = {"2f", "2f657463", "62", "00", "ff", "636174"};

// Too long for the matcher's caches.
std::string long_text(Chance& chance) {
  std::string text = chance.one_in(2) ? "/" : "";
  std::size_t least = chance.one_in(20) ? 20000 : 200 + chance.below(400);
  while (text.size() < least) {
    text += chance.of(names);
    text += chance.of(paths);
  }
  return text;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out += "\\";
      out += c;
    } else if (static_cast<unsigned char>(c) >= 0x80) {
      static constexpr char digits[] = "0123456789abcdef";
      out += "\\x";
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[c & 15];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string some_text(Chance& chance) {
  if (chance.one_in(4)) return chance.of(names);
  if (chance.one_in(8)) return chance.of(types);
  if (chance.one_in(8)) return "<NA>";
  std::string path = chance.of(paths);
  if (path.empty() || chance.one_in(2)) return path;
  std::size_t from = chance.one_in(2) ? 0 : chance.below(path.size());
  return path.substr(from, 1 + chance.below(path.size() - from));
}

template <typename Make>
std::string list_of(Chance& chance, const Make& make, bool may_be_empty = true) {
  std::string list = "(";
  std::size_t count = chance.below(chance.one_in(10) ? 30 : 4) + (may_be_empty ? 0 : 1);
  for (std::size_t i = 0; i < count; i++) list += (i ? ", " : "") + make();
  return list + ")";
}

// A text made from others.
std::string made_text(Chance& chance) {
  auto word = [&] { return std::string(chance.of(words)); };
  std::string list = "(" + word() + ", " + word() + ", " + word() + ")";
  switch (chance.below(8)) {
    case 6: return std::string("join(\",\", ") + chance.of(lists) + ")";
    case 7: return "join(\":\", (evt.type, proc.name))";
    case 0: return "concat(" + word() + ", \"-\", " + word() + ")";
    case 1: return "join(\"/\", " + list + ")";
    case 2:
      return "getopt(" + list + ", \"" + chance.of(options) + "\")[" +
             (chance.one_in(2) ? "a" : "b") + "]";
    case 3: return "toupper(b64(" + std::string(chance.of(changeable)) + "))";
    default: return "b64(" + std::string(chance.one_in(2) ? "proc.name" : "proc.args[1]") + ")";
  }
}

std::string text_check(Chance& chance) {
  std::string left = chance.one_in(12) ? "syscall.type" : chance.of(text_fields);
  bool plain_type = left == "evt.type" || left == "syscall.type";
  // A rule that names an event by its call's name is not tried at that event, as in Falco.
  auto call = [&] {
    const std::string_view type = chance.of(types);
    return type == "procexit" || type == "switch" || type == "procinfo" ? "pread" : type;
  };
  auto text = [&] {
    if (left == "syscall.type") return quoted(call());
    return quoted(plain_type ? chance.of(types) : some_text(chance));
  };
  auto path = [&] { return quoted(chance.one_in(3) ? "/us?/*" : chance.of(paths)); };
  if (!plain_type && chance.one_in(10)) {
    left = made_text(chance);
  } else if (!plain_type && chance.one_in(6)) {
    static const char* const wraps[] = {"tolower", "toupper", "basename"};
    left = std::string(chance.of(wraps)) + "(" + chance.of(changeable) + ")";
  }
  if (plain_type || chance.one_in(4)) {
    if (chance.one_in(8)) return left + " exists";
    if (chance.one_in(2)) return left + " in " + list_of(chance, text);
    return left + (chance.one_in(3) ? " != " : " = ") + text();
  }
  static const char* const ops[] = {"=", "!=", "contains", "icontains", "startswith", "endswith"};
  switch (chance.below(8)) {
    case 0: return left + (chance.one_in(2) ? " glob " : " iglob ") + quoted(chance.of(patterns));
    case 1: return left + " regex " + quoted(chance.of(regexes));
    case 2: return left + " pmatch " + list_of(chance, path, false);
    case 3: {
      static const char* const modifiers[] = {"oneof", "anyof", "allof"};
      return left + " " + chance.of(ops) + " " + chance.of(modifiers) + " " + list_of(chance, text);
    }
    case 4:
      return std::string(chance.of(changeable)) + " " + chance.of(ops) + " val(" +
             (chance.one_in(8) ? "evt.type" : chance.of(changeable)) + ")";
    case 5: return left + (chance.one_in(2) ? " in " : " intersects ") + list_of(chance, text);
    default: return left + " " + chance.of(ops) + " " + text();
  }
}

// Lists, and texts made from the event's type, from which no events are deduced.
std::string list_check(Chance& chance) {
  std::string left = chance.of(lists);
  if (chance.one_in(3)) {
    left = "getopt((" + std::string(chance.of(words)) + ", " + chance.of(words) +
           ", proc.args[1], " + chance.of(words) + "), \"" + chance.of(options) + "\")";
  }
  auto element = [&] { return quoted(chance.one_in(4) ? some_text(chance) : chance.of(elements)); };
  switch (chance.below(8)) {
    case 0: return left + " exists";
    case 1: return "len(" + left + ") > " + std::to_string(chance.below(4));
    case 2: return left + (chance.one_in(2) ? " intersects " : " in ") + chance.of(lists);
    case 3: return "tolower(evt.type) contains " + std::string(chance.of(types));
    case 4: return left + " in " + list_of(chance, element);
    default: return left + " intersects " + list_of(chance, element);
  }
}

// Rules that search one list for a text: an index finds them by it.
std::string shared_list_check(Chance& chance) {
  static const char* const long_ones[] = {"cat",  "bash", "passwd", "CAT",
                                          "BASH", "sh",   "/etc",   "-b"};
  auto element = [&] { return quoted(chance.of(long_ones)); };
  return std::string(lists[chance.below(3)]) + " intersects " + list_of(chance, element, false);
}

template <typename Fields, typename Values>
std::string value_check(Chance& chance, const Fields& fields, const Values& values, bool ordered) {
  static const char* const equal[] = {"=", "!="};
  static const char* const order[] = {"<", "<=", ">", ">=", "=", "!="};
  std::string left = chance.of(fields);
  auto value = [&] { return std::string(chance.of(values)); };
  if (chance.one_in(8)) return left + " exists";
  if (chance.one_in(4))
    return left + (chance.one_in(2) ? " in " : " intersects ") + list_of(chance, value);
  return left + " " + (ordered ? chance.of(order) : chance.of(equal)) + " " + value();
}

std::string check(Chance& chance) {
  static const char* const truth[] = {"true", "false"};
  static const char* const ports[] = {"80", "443", "40000", "0", "65616", "131515"};
  switch (chance.below(16)) {
    case 12:
    case 14:
    case 15: return list_check(chance);
    case 13:
      return std::string(chance.of(byte_fields)) +
             (chance.one_in(2) ? " bcontains " : " bstartswith ") + chance.of(hexes);
    case 0:
    case 1: return value_check(chance, number_fields, numbers, true);
    case 2: return value_check(chance, bool_fields, truth, false);
    case 3: return value_check(chance, ip_fields, addresses, false);
    case 4: return value_check(chance, net_fields, networks, false);
    case 5: return value_check(chance, port_fields, ports, true);
    case 6:
      return "len(" + std::string(chance.of(changeable)) + ") > " +
             std::to_string(chance.below(20));
    default: return text_check(chance);
  }
}

std::string condition(Chance& chance, unsigned depth) {
  if (depth == 0 || chance.one_in(3)) return check(chance);
  if (chance.one_in(4)) return "not (" + condition(chance, depth - 1) + ")";
  const char* word = chance.one_in(2) ? " and " : " or ";
  std::string all = "(" + condition(chance, depth - 1) + ")";
  for (std::size_t i = chance.below(3) + 1; i > 0; i--)
    all += word + ("(" + condition(chance, depth - 1)) + ")";
  return all;
}

}  // namespace

std::string random_rules(Chance& chance, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; i++) {
    std::string whole = chance.one_in(8) ? shared_list_check(chance) : condition(chance, 3);
    auto type = [&] { return std::string(chance.of(types)); };
    if (!chance.one_in(4))
      whole = "evt.type in " + list_of(chance, type, false) + " and (" + whole + ")";
    // A block scalar takes every character literally.
    text += "- rule: r" + std::to_string(i) + "\n  desc: d\n  condition: |\n    " + whole +
            "\n  output: o\n  priority: WARNING\n  warn_evttypes: false\n";
  }
  return text;
}

std::map<std::string, std::string> random_static_fields() {
  return {{"site", "/etc/passwd"}, {"shell", "bash"}, {"nothing", ""}};
}

RandomEvents::RandomEvents(Chance& chance) {
  for (int i = 0; i < 2; i++) {
    enrich::Container& container = containers_.emplace_back();
    container.id = i ? "0123456789ab" : "bash";
    container.image_repository = i ? "/etc" : "";
  }
  for (int i = 0; i < 12; i++) {
    auto box = std::make_unique<ProcessBox>();
    enrich::LoneProcess& process = box->process;
    std::string second = chance.one_in(6) ? long_text(chance) : chance.of(names);
    std::string first = chance.one_in(2) ? chance.of(names) : chance.of(paths);
    box->command(chance.of(names), chance.of(paths), {first, second});
    box->environment({"A=" + std::string(chance.of(names)), "B=1"});
    process.own.cwd = chance.one_in(2) ? "/" : "/tmp/";
    process.pid = static_cast<std::uint32_t>(chance.below(4) * 500);
    process.vpid = static_cast<std::uint32_t>(chance.below(3));
    process.tty = static_cast<std::uint32_t>(chance.below(2));
    process.loginuid = chance.one_in(2) ? ~0u : 1000;
    process.own.exe_flags = chance.below(16);
    process.cap_effective = chance.below(8);
    process.start_time = chance.below(6) * 1'000'000'000;
    process.sid = static_cast<std::uint32_t>(chance.below(3) * 500);
    process.known = !chance.one_in(8);
    if (!chance.one_in(3)) process.container = &chance.of(containers_);
    if (!processes_.empty() && !chance.one_in(4)) process.parent = &chance.of(processes_)->process;
    processes_.push_back(std::move(box));
  }
}

const std::vector<std::uint64_t>& RandomEvents::record(Chance& chance) {
  return record(chance, chance.of(types));
}

const std::vector<std::uint64_t>& RandomEvents::record(Chance& chance, std::string_view type) {
  const bool foreign = decode::event_id(type) == 0;
  RecordBuilder builder(foreign ? std::uint16_t{SAKER_EV_foreign} : decode::event_id(type));
  builder.head().uid = static_cast<__u32>(chance.below(3) * 500);
  builder.head().cpu = static_cast<__u32>(chance.below(4));
  builder.head().tid = 1000 + static_cast<__u32>(chance.below(2));
  builder.ret(chance.one_in(3) ? -static_cast<std::int64_t>(chance.below(4))
                               : static_cast<std::int64_t>(chance.below(5)));
  const decode::EventInfo& info =
      decode::event_info(decode::event_id(decode::event_info(builder.head().type).name));
  for (unsigned slot = 0; slot < info.params.size(); slot++) {
    switch (info.params[slot].type) {
      case decode::ParamType::PATH:
      case decode::ParamType::STR:
        if (!chance.one_in(4))
          builder.text(slot, chance.one_in(16)  ? long_text(chance)
                             : chance.one_in(4) ? chance.of(names)
                                                : chance.of(paths));
        break;
      case decode::ParamType::ARGV:
        if (!chance.one_in(4)) builder.text(slot, std::string_view("cat\0-n\0/etc/passwd\0", 19));
        break;
      case decode::ParamType::SOCK: {
        static constexpr std::uint32_t ips[] = {0x0a000001, 0x0a000002, 0xc0a80105, 0x7f000001, 0};
        static constexpr std::uint16_t ports[] = {0, 80, 443, 40000};
        saker_sock sock = tcp4(chance.of(ips), chance.of(ports), chance.of(ips), chance.of(ports),
                               static_cast<std::uint8_t>(chance.below(3)));
        sock.flags = static_cast<__u16>(chance.below(4));
        if (chance.one_in(4)) sock.family = 10;
        if (chance.one_in(5)) sock.type = 2, sock.protocol = 17;
        if (chance.one_in(4)) {  // without addresses, and sometimes without any ends
          sock = tcp4(0, 0, 0, 0, static_cast<std::uint8_t>(chance.below(3)));
          sock.flags = 0;
          if (chance.one_in(3)) sock.family = chance.one_in(2) ? 1 : 0;
        }
        if (!chance.one_in(4)) builder.sock(slot, sock);
        break;
      }
      case decode::ParamType::ADDR: break;
      case decode::ParamType::FLAGS:
        builder.set(slot, chance.one_in(2) ? O_RDWR | O_CREAT : chance.below(8));
        break;
      default: {
        static constexpr char letters[] = {'f', 'd', '4', '6', 'u', '\0'};
        bool letter = info.params[slot].name == "fdtype";
        builder.set(slot, letter ? static_cast<std::uint64_t>(chance.of(letters))
                                 : static_cast<std::uint64_t>(
                                       static_cast<std::int64_t>(chance.below(8)) - 2));
      }
    }
  }
  if (foreign) builder.text(SAKER_P_foreign_name, type);
  record_ = builder.build();
  return record_;
}

}  // namespace saker::testing
