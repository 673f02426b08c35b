// SPDX-License-Identifier: Apache-2.0
#include "capture/signature.h"

#include <doctest/doctest.h>

#include "host_files.h"

namespace saker::capture {
namespace {

struct Advice : HostFiles {
  Advice() : HostFiles("signature") {}
  void advises(const std::string& what) {
    const std::string advice = signature_advice(host);
    INFO(advice);
    CHECK(advice.find(what) != std::string::npos);
  }
};

TEST_CASE("signature: nothing requires one") {
  Advice f;
  CHECK(signature_advice(f.host).empty());
  f.write("/sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
  f.write("/sys/module/module/parameters/sig_enforce", "N\n");
  f.write("/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c",
          std::string("\6\0\0\0\0", 5));
  CHECK(signature_advice(f.host).empty());
}

TEST_CASE("signature: each requirement is named") {
  Advice f;
  f.write("/sys/module/module/parameters/sig_enforce", "Y\n");
  f.advises("module.sig_enforce is set");
  f.write("/sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
  f.advises("lockdown: integrity");
  f.write("/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c",
          std::string("\6\0\0\0\1", 5));
  f.advises("Secure Boot is on");
}

TEST_CASE("signature: the next step, from no key to an enrolled one") {
  Advice f;
  f.write("/sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
  f.advises("it makes one when openssl is installed");
  f.advises("dkms build --force saker/VERSION");
  f.write("/usr/src/saker-1.2/dkms.conf", "");
  f.advises("dkms build --force saker/1.2 && dkms install --force saker/1.2");
  f.write("/etc/os-release", "NAME=x\nID=ubuntu\nID_LIKE=debian\n");
  f.advises("update-secureboot-policy --new-key");
  f.write("/var/lib/dkms/mok.pub", "DEBIAN CERTIFICATE");
  f.advises("mokutil --import /var/lib/dkms/mok.pub");
  const std::string list =
      "/sys/firmware/efi/efivars/MokListRT-605dab50-e046-4300-abb6-3dd810dd8b23";
  f.write(list, "attributes, another, DEBIAN CERTIFICAT");
  CHECK(!signature_state(f.host).enrolled);
  f.write(list, "attributes, another, DEBIAN CERTIFICATE, one more");
  CHECK(signature_state(f.host).enrolled);
  f.advises("build it again: dkms build --force");
  // Ubuntu signs with its own key, which is not enrolled.
  f.write("/var/lib/shim-signed/mok/MOK.der", "UBUNTU CERTIFICATE");
  f.advises("mokutil --import /var/lib/shim-signed/mok/MOK.der");
}

TEST_CASE("signature: with a bundle of modules it is the bundle's key that counts") {
  Advice f;
  f.write("/sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
  f.write("/var/lib/dkms/mok.pub", "DEBIAN CERTIFICATE");
  f.write("/var/lib/saker-modules/current/signer.der", "CERTIFICATE OF THE FLEET");
  f.advises(
      "the bundle was signed with; enrol it: mokutil --import /var/lib/saker-modules/current");
  f.write("/sys/firmware/efi/efivars/MokListRT-605dab50-e046-4300-abb6-3dd810dd8b23",
          "attributes, CERTIFICATE OF THE FLEET");
  f.advises("make the bundle again with --key and --cert");
}

TEST_CASE("signature: headers by distribution") {
  Advice f;
  CHECK(headers_command(f.host) == "apt-get install linux-headers-6.1.0-test");
  f.write("/etc/os-release", "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n");
  CHECK(headers_command(f.host) == "dnf install kernel-devel-6.1.0-test");
  f.write("/etc/os-release", "ID=opensuse-leap\nID_LIKE='suse opensuse'\n");
  CHECK(headers_command(f.host) == "zypper install kernel-default-devel");
}

}  // namespace
}  // namespace saker::capture
