// SPDX-License-Identifier: Apache-2.0
// Modules for many kernels in one file. Scripts do the work, so a machine without this command can
// run them too (tools/modules/).
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "command.h"

namespace saker::cli {
namespace {

// The path of the scripts in the package, or in the source tree next to build/.
std::string script(const char* installed, const char* in_tree) {
  std::error_code error;
  const std::filesystem::path here =
      std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  const std::filesystem::path places[] = {here / "../lib/saker" / installed,
                                          here / "../tools/modules" / in_tree,
                                          here / "../../tools/modules" / in_tree};
  for (const std::filesystem::path& path : places)
    if (::access(path.c_str(), X_OK) == 0) return path;
  return places[0];
}

// Becomes the script; returns only if that fails.
int become(const std::string& path, std::vector<std::string> words) {
  words.insert(words.begin(), path);
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  ::execv(path.c_str(), argv.data());
  std::fprintf(stderr, "saker: %s: %s\n", path.c_str(), std::strerror(errno));
  return exit_failed;
}

void pass_on(const Arguments& arguments, const Option& option, std::vector<std::string>& words) {
  for (const std::string& value : arguments.values(option.name)) {
    words.push_back("--" + std::string(option.name));
    words.push_back(value);
  }
}

constexpr Option bundle_options[] = {
    {'k', "kernels", "LIST",
     "releases or build trees, with commas between; all: every installed one"},
    {0, "key", "FILE", "private key (PEM) to sign each module with"},
    {0, "cert", "FILE", "its certificate (PEM or DER)"},
    {'o', "output", "FILE", "the bundle (saker-modules-VERSION.tar.gz)"},
    {0, "source", "DIR", "the module's source (the newest of /usr/src/saker-*)"},
};

int run_bundle(const Arguments& arguments) {
  if (!arguments.words.empty())
    return usage_error(bundle_command, "there is no \"" + arguments.words[0] + "\" of a bundle");
  if (!arguments.has("kernels"))
    return usage_error(bundle_command,
                       "--kernels is missing: releases with commas between, or all");
  std::vector<std::string> words;
  for (const Option& option : bundle_options) pass_on(arguments, option, words);
  return become(script("bundle", "bundle"), std::move(words));
}

constexpr Option install_options[] = {
    {0, "cert", "FILE", "refuse the bundle unless the key of this certificate signed it"},
    {0, "root", "DIR", "install below DIR, as for an image"},
};

int run_install(const Arguments& arguments) {
  if (arguments.words.size() != 1)
    return usage_error(bundle_install_command, "one file, a bundle, is wanted");
  std::vector<std::string> words;
  for (const Option& option : install_options) pass_on(arguments, option, words);
  words.push_back("./" + arguments.words[0]);
  if (arguments.words[0].starts_with('/')) words.back() = arguments.words[0];
  return become(script("install-bundle", "install"), std::move(words));
}

}  // namespace

const Command bundle_command = {
    "bundle",
    "--kernels LIST [--key FILE --cert FILE] [-o FILE]",
    "build and sign the kernel module for many kernels, in one file",
    "Needs a compiler and the headers of each kernel; the kernels need not run here. The file "
    "contains\n"
    "the modules and a list of release, checksum, vermagic, ABI and signer; `saker bundle "
    "install`\n"
    "installs it on machines that have neither compiler nor network. If one kernel fails, no file\n"
    "is written, and each failed kernel is named.\n",
    bundle_options,
    run_bundle,
};

const Command bundle_install_command = {
    "bundle install",
    "[--cert FILE] FILE",
    "install the modules of a bundle",
    "The whole file is checked before anything is changed; an earlier bundle is removed only when\n"
    "the new one is complete. `modprobe saker`, and so the service, then loads the module that "
    "fits\n"
    "the running kernel and this version, in preference to one built by DKMS; if none fits, it\n"
    "reports why.\n",
    install_options,
    run_install,
};

}  // namespace saker::cli
