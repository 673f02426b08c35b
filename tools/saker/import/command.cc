// SPDX-License-Identifier: Apache-2.0
// saker import: makes a saker.toml from a configuration of Falco.
#include "../command.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>

#include "base/fd.h"
#include "base/file.h"
#include "source.h"

namespace saker::cli {
namespace {

constexpr std::size_t max_bytes = 4u << 20;

constexpr Option options[] = {
    {'o', "output", "FILE", "write to this new file, not to standard output"},
    {'q', "quiet", "", "no totals"},
};

constexpr std::string_view text =
    "Makes a saker.toml from FILE: a falco.yaml, a falcosidekick.yaml, or the values.yaml of\n"
    "their Helm charts, which is recognized by its content; - is standard input. A comment at\n"
    "each key says what became of it: kept, renamed, or without a counterpart (at the end)\n"
    "and why. Tokens and passwords are copied, so only the owner can read the file that -o\n"
    "makes.\n";

// The name appears in messages and in a comment.
constexpr std::string_view standard_input = "<stdin>";

std::string plural(std::size_t n, const char* what) { return std::to_string(n) + " " + what; }

Result<void> write_new(const std::string& path, const std::string& content) {
  Fd file(::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600));
  if (!file && errno == EEXIST)
    return Error{path + " exists: name another file, and compare the two"};
  if (!file) return Error::from_errno(path);
  for (std::size_t done = 0; done < content.size();) {
    const ssize_t wrote = ::write(file.get(), content.data() + done, content.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return Error::from_errno(path);
    done += static_cast<std::size_t>(wrote);
  }
  return {};
}

int failed(const std::string& message) {
  std::fprintf(stderr, "saker import: %s\n", message.c_str());
  return exit_failed;
}

int run(const Arguments& arguments) {
  if (arguments.words.size() != 1) return usage_error(import_command, "which file?");
  const bool piped = arguments.words[0] == "-";
  const std::string name = piped ? std::string(standard_input) : arguments.words[0];
  Result<std::string> content =
      piped ? read_standard_input(max_bytes) : read_input(name, max_bytes);
  if (!content) return failed(content.error().message);
  Result<ImportSource> source = read_import(name, std::move(*content));
  if (!source) {
    std::fputs(source.error().message.c_str(), stderr);
    return exit_failed;
  }
  ImportTarget target;
  switch (source->kind) {
    case ImportKind::falco: import_falco(*source, source->root(), "", target); break;
    case ImportKind::sidekick: import_sidekick(*source, source->root(), "", target); break;
    case ImportKind::values: import_values(*source, source->root(), target); break;
  }
  const std::string made =
      target.render("Configuration of sakerd, made by saker import of " + name + ",\n" +
                    std::string(kind_name(source->kind)) + ". Missing keys have their defaults.");
  const std::string to = arguments.value("output");
  if (to.empty())
    std::fputs(made.c_str(), stdout);
  else if (Result<void> written = write_new(to, made); !written)
    return failed(written.error().message);
  for (const std::string& warning : target.warnings())
    std::fprintf(stderr, "saker import: warning: %s\n", warning.c_str());
  const ImportCounts counts = target.counts();
  if (!arguments.has("quiet"))
    std::fprintf(stderr, "%s: %s kept, %s, %s, %s, %s\n", name.c_str(),
                 plural(counts.kept, "keys").c_str(), plural(counts.renamed, "renamed").c_str(),
                 plural(counts.absent, "without a counterpart").c_str(),
                 plural(counts.unknown, "not known").c_str(),
                 plural(counts.refused, "refused").c_str());
  return exit_ok;
}

}  // namespace

const Command import_command = {
    .name = "import",
    .synopsis = "FILE",
    .summary = "convert a configuration of Falco",
    .text = text,
    .options = options,
    .run = run,
};

}  // namespace saker::cli
