// SPDX-License-Identifier: Apache-2.0
#include "capture/signature.h"

#include <sys/stat.h>

#include "base/file.h"

namespace saker::capture {
namespace {

// Variables of shim and of the firmware, by their GUIDs.
constexpr const char* secure_boot_variable =
    "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
constexpr const char* owner_keys_variable =
    "/sys/firmware/efi/efivars/MokListRT-605dab50-e046-4300-abb6-3dd810dd8b23";

// A bundle of modules brings the certificate of its signer (tools/modules/bundle).
constexpr const char* bundle_key = "/var/lib/saker-modules/current/signer.der";

// Where distributions keep the certificate (DER) that DKMS signs with. Ubuntu's comes first,
// because its DKMS does not use the other one.
constexpr const char* keys[] = {bundle_key, "/var/lib/shim-signed/mok/MOK.der",
                                "/var/lib/dkms/mok.pub"};

std::string text_of(const std::string& path) {
  Result<std::string> text = read_file(path, 1u << 22);
  return text ? *text : std::string();
}

// The efivar has four bytes of attributes before its one byte of value.
bool secure_boot(const Host& host) {
  const std::string value = text_of(host.root + secure_boot_variable);
  return value.size() == 5 && value[4] == 1;
}

std::string lockdown(const Host& host) {
  const std::string text = text_of(host.root + "/sys/kernel/security/lockdown");
  const std::size_t open = text.find('['), close = text.find(']');
  if (open == std::string::npos || close == std::string::npos || close < open) return "none";
  return text.substr(open + 1, close - open - 1);
}

// ID and ID_LIKE of os-release, with a space around each word.
std::string distribution(const Host& host) {
  const std::string text = "\n" + text_of(host.root + "/etc/os-release");
  std::string words = " ";
  for (const char* key : {"\nID=", "\nID_LIKE="}) {
    const std::size_t at = text.find(key);
    if (at == std::string::npos) continue;
    const std::size_t from = text.find('=', at) + 1;
    for (char c : text.substr(from, text.find('\n', from) - from))
      if (c != '"' && c != '\'') words += c;
    words += ' ';
  }
  return words;
}

bool is(const std::string& words, const char* id) {
  return words.find(std::string(" ") + id + " ") != std::string::npos;
}

// The command that builds and signs the source in /usr/src.
std::string build_command(const Host& host) {
  std::string version = "VERSION";
  for (const std::string& name : names_in(host.root + "/usr/src/"))
    if (name.starts_with("saker-")) version = name.substr(6);
  return "dkms build --force saker/" + version + " && dkms install --force saker/" + version;
}

}  // namespace

SignatureState signature_state(const Host& host) {
  SignatureState state;
  const std::string mode = lockdown(host);
  if (secure_boot(host))
    state.enforced_by = "Secure Boot is on";
  else if (mode != "none")
    state.enforced_by = "lockdown: " + mode;
  else if (text_of(host.root + "/sys/module/module/parameters/sig_enforce").starts_with("Y"))
    state.enforced_by = "module.sig_enforce is set";
  const std::string enrolled = text_of(host.root + owner_keys_variable);
  for (const char* path : keys) {
    const std::string certificate = text_of(host.root + path);
    if (certificate.empty()) continue;
    state.key = path;
    // The list contains each certificate verbatim.
    state.enrolled = enrolled.find(certificate) != std::string::npos;
    break;
  }
  return state;
}

std::string signature_advice(const Host& host) {
  const SignatureState state = signature_state(host);
  if (state.enforced_by.empty()) return "";
  std::string text = " This kernel loads signed modules only (" + state.enforced_by + "). ";
  if (state.key.empty()) {
    text += "DKMS has no key to sign with yet";
    text += is(distribution(host), "ubuntu") ? "; make one: update-secureboot-policy --new-key"
                                             : "; it makes one when openssl is installed";
    return text + ". Then build the module again: " + build_command(host) + ".";
  }
  const bool bundled = state.key == bundle_key;
  if (!state.enrolled)
    return text + "The firmware does not know the key that " +
           (bundled ? "the bundle was signed with" : "DKMS signs with") +
           "; enrol it: mokutil --import " + state.key +
           ", choose a password, reboot, and in the blue menu choose \"Enroll MOK\".";
  if (bundled)
    return text + "The key " + state.key +
           " is enrolled; a module of the bundle that is refused was not signed with it: make the "
           "bundle again with --key and --cert.";
  return text + "The key " + state.key +
         " is enrolled; a module that is refused was built without it, build it again: " +
         build_command(host) + ".";
}

std::string headers_command(const Host& host) {
  const std::string words = distribution(host);
  if (is(words, "rhel") || is(words, "fedora"))
    return "dnf install kernel-devel-" + host.kernel_release;
  if (is(words, "suse") || is(words, "opensuse")) return "zypper install kernel-default-devel";
  if (is(words, "arch")) return "pacman -S linux-headers";
  return "apt-get install linux-headers-" + host.kernel_release;
}

}  // namespace saker::capture
