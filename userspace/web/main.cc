// SPDX-License-Identifier: Apache-2.0
// saker-web: the page, in a process of its own beside the daemon. `saker web` starts it.
#include <cap-ng.h>
#include <fcntl.h>
#include <saker/version.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/log.h"
#include "service/config/config.h"
#include "service/privileges.h"
#include "web/page.h"
#include "web/password.h"

namespace saker {
namespace {

constexpr const char* usage =
    "Usage: saker web serve [-c FILE] [-o KEY=VALUE]... [--alerts FILE]\n"
    "       saker web password [FILE]\n"
    "\n"
    "serve: the page at http://127.0.0.1:8766 (or https), until it is stopped; [web] in the\n"
    "configuration sets the address, the access and the size of the history.\n"
    "  -c, --config FILE   configuration (/etc/saker/saker.toml)\n"
    "  -o KEY=VALUE        sets a key, as in the configuration; may be repeated\n"
    "  --alerts FILE       show these alerts, lines of JSON, instead of the daemon's (-: stdin)\n"
    "\n"
    "password: asks for a password and writes its hash to FILE, or to stdout;\n"
    "web.password_file names it. The password is read from stdin if that is not a terminal.\n"
    "\n"
    "  -h, --help          this text\n"
    "  -V, --version       the version\n";

struct WebArguments {
  std::string command, config = "/etc/saker/saker.toml", alerts;
  std::vector<std::string> overrides, words;
  bool config_given = false, help = false, version = false;
};

Result<WebArguments> parse(int argc, char** argv) {
  WebArguments out;
  for (int i = 1; i < argc; i++) {
    std::string word = argv[i], value;
    bool has_value = false;
    if (const std::size_t equals = word.find('='); word.starts_with("--") && equals != word.npos) {
      value = word.substr(equals + 1);
      word.resize(equals);
      has_value = true;
    }
    const bool config = word == "-c" || word == "--config", alerts = word == "--alerts";
    if (config || alerts || word == "-o") {
      if (!has_value && ++i == argc) return Error{word + " needs a value"};
      if (!has_value) value = argv[i];
      if (config) out.config = value;
      out.config_given |= config;
      if (alerts) out.alerts = value;
      if (word == "-o") out.overrides.push_back(value);
    } else if (word == "-h" || word == "--help") {
      out.help = true;
    } else if (word == "-V" || word == "--version") {
      out.version = true;
    } else if (word.starts_with("-") && word != "-") {
      return Error{"there is no option " + word};
    } else {
      out.words.push_back(word);
    }
  }
  if (out.help || out.version) return out;
  if (!out.words.empty()) {
    out.command = out.words.front();
    out.words.erase(out.words.begin());
  }
  if (out.command != "serve" && out.command != "password")
    return Error{out.command.empty() ? "say serve or password"
                                     : "there is no command \"" + out.command + "\""};
  if (out.words.size() > (out.command == "password" ? 1 : 0))
    return Error{"\"" + out.words.back() + "\" is one argument too many"};
  return out;
}

// A line of stdin; on a terminal it is not shown.
std::string ask(const char* prompt) {
  const bool terminal = ::isatty(STDIN_FILENO);
  termios before{};
  if (terminal) {
    ::tcgetattr(STDIN_FILENO, &before);
    termios silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    std::fputs(prompt, stderr);
  }
  std::string line;
  std::getline(std::cin, line);
  if (terminal) {
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    std::fputs("\n", stderr);
  }
  return line;
}

int fail(const std::string& message, int status) {
  std::fprintf(stderr, "saker web: %s\n", message.c_str());
  return status;
}

int password(const WebArguments& arguments) {
  const std::string first = ask("Password: ");
  if (::isatty(STDIN_FILENO) && ask("Once more: ") != first)
    return fail("the two are not the same", 1);
  const Result<std::string> hashed = web::hash_password(first);
  if (!hashed) return fail(hashed.error().message, 1);
  const std::string line = *hashed + "\n";
  if (arguments.words.empty()) return std::fputs(line.c_str(), stdout) < 0;
  const std::string& path = arguments.words.front();
  // Beside it first: one who signs in meanwhile finds the old one or the new one.
  const std::string beside = path + ".new";
  Fd file(::open(beside.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640));
  const bool written =
      file && ::write(file.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size());
  if (!written || ::rename(beside.c_str(), path.c_str()) < 0)
    return fail(Error::from_errno(path).message, 1);
  std::fprintf(
      stderr, "written to %s; name it in /etc/saker/saker.toml:\n\n[web]\npassword_file = \"%s\"\n",
      path.c_str(), path.c_str());
  return 0;
}

Result<Fd> catch_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (int signal : {SIGTERM, SIGINT}) ::sigaddset(&set, signal);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  Fd fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) return Error::from_errno("signalfd");
  return fd;
}

// The files are open; nothing that a request could do needs any capability.
Result<void> drop_privileges() {
  ::capng_clear(CAPNG_SELECT_CAPS);
  if (::capng_apply(CAPNG_SELECT_CAPS) < 0) return Error{"capabilities cannot be given up"};
  const Result<std::string> left = service::drop_privileges();
  return left ? Result<void>() : left.error();
}

// Explanations come from the same configuration.
std::vector<std::string> explain_words(const WebArguments& arguments) {
  std::vector<std::string> words;
  if (arguments.config_given) words = {"-c", arguments.config};
  for (const std::string& value : arguments.overrides) words.insert(words.end(), {"-o", value});
  return words;
}

// A shell gives 1024 descriptors, fewer than there may be connections.
void allow_descriptors() {
  constexpr rlim_t wanted = 4096;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= wanted) return;
  limit.rlim_cur = std::min(wanted, limit.rlim_max);
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

int serve(const WebArguments& arguments) {
  service::ConfigResult config =
      service::load_config(arguments.config, arguments.config_given, arguments.overrides);
  if (!config.ok()) {
    for (const service::ConfigDiagnostic& error : config.errors)
      std::fputs(service::render(error).c_str(), stderr);
    return 78;
  }
  Result<Fd> signals = catch_signals();
  if (!signals) return fail(signals.error().message, 1);
  allow_descriptors();
  Log log(config.config.log_level, Log::stderr_is_journal());
  Result<std::unique_ptr<web::Page>> page =
      web::Page::open({.config = config.page,
                       .control_socket = config.config.control_socket,
                       .alerts_file = arguments.alerts,
                       .explainer = {.directory = config.config.flight_recorder.directory,
                                     .words = explain_words(arguments)}},
                      log);
  if (!page) return fail(page.error().message, 1);
  if (Result<void> dropped = drop_privileges(); !dropped) return fail(dropped.error().message, 1);
  const bool v6 = config.page.listen_address.find(':') != std::string::npos;
  log.info("the page is at " + std::string(config.page.certificate.empty() ? "http" : "https") +
           "://" + (v6 ? "[" : "") + config.page.listen_address + (v6 ? "]" : "") + ":" +
           std::to_string((*page)->port()));
  if (Result<void> ran = (*page)->run(signals->get()); !ran) return fail(ran.error().message, 1);
  return 0;
}

int start(int argc, char** argv) {
  const Result<WebArguments> arguments = parse(argc, argv);
  if (!arguments) {
    std::fprintf(stderr, "saker web: %s\n\n%s", arguments.error().message.c_str(), usage);
    return 2;
  }
  if (arguments->help) return std::fputs(usage, stdout) < 0;
  if (arguments->version) return std::puts("saker-web " SAKER_VERSION) < 0;
  return arguments->command == "password" ? password(*arguments) : serve(*arguments);
}

}  // namespace
}  // namespace saker

int main(int argc, char** argv) { return saker::start(argc, argv); }
