// SPDX-License-Identifier: Apache-2.0
#include "capture/diagnose.h"

#include <doctest/doctest.h>
#include <saker/version.h>

#include <filesystem>

#include "capture/kmod.h"
#include "host_files.h"

namespace saker::capture {
namespace {

namespace fs = std::filesystem;

struct Diagnosis : HostFiles {
  Diagnosis() : HostFiles("diagnose") {}
  bool says(int errnum, const std::string& what) {
    std::string message = explain_open_failure("/dev/saker", errnum, host).message;
    INFO(message);
    CHECK(message.find(what) != std::string::npos);
    return message.find(what) != std::string::npos;
  }
};

TEST_CASE("diagnose: no device: one step further each time") {
  Diagnosis h;
  h.says(ENOENT, "cannot load modules at all");
  h.write("/proc/modules", "ext4 1 1 - Live 0x0\n");
  h.says(ENOENT, "apt-get install linux-headers-6.1.0-test");
  h.write("/lib/modules/6.1.0-test/build/x", "");
  h.says(ENOENT, "dkms autoinstall");
  h.write("/lib/modules/6.1.0-test/modules.dep", "updates/dkms/saker.ko.xz:\n");
  h.says(ENOENT, "load it: modprobe saker");
  h.write("/sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
  h.says(ENOENT, "lockdown: integrity");
  h.write("/var/lib/dkms/mok.pub", "certificate");
  h.says(ENOENT, "mokutil --import");
  h.write("/proc/sys/kernel/modules_disabled", "1\n");
  h.says(ENOENT, "modules_disabled=1");
  h.write("/proc/modules", "saker 1 1 - Live 0x0\n");
  h.says(ENOENT, "device node is missing");
}

TEST_CASE("diagnose: a bundle without the module of this kernel, and with it") {
  Diagnosis h;
  h.write("/proc/modules", "");
  h.write("/var/lib/saker-modules/current/manifest", "format\t1\n");
  h.write("/var/lib/saker-modules/current/modules/6.1.0-other/saker.ko", "");
  h.says(ENOENT, "has none for this kernel (6.1.0-test), only for 6.1.0-other; make one");
  h.says(ENOENT, "saker bundle --kernels 6.1.0-test");
  h.write("/var/lib/saker-modules/current/modules/6.1.0-test/saker.ko", "");
  h.says(ENOENT, "modprobe saker says why");
}

TEST_CASE("diagnose: Secure Boot is recognised from its variable") {
  Diagnosis h;
  h.write("/proc/modules", "");
  h.write("/lib/modules/6.1.0-test/modules.dep", "extra/saker.ko:\n");
  h.write("/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c",
          std::string("\6\0\0\0\1", 5));
  h.says(ENOENT, "Secure Boot is on");
}

TEST_CASE("diagnose: no permission, and why") {
  Diagnosis h;
  h.says(EPERM, "CAP_SYS_ADMIN is missing");
  h.write("/proc/self/uid_map", "         0     100000      65536\n");
  h.says(EACCES, "initial user namespace");
  h.host.superuser = false;
  h.says(EACCES, "sudo sakerd");
}

TEST_CASE("diagnose: busy, and by whom") {
  Diagnosis h;
  h.says(EBUSY, "systemctl stop saker");
  h.write("/proc/4242/comm", "sakerd\n");
  fs::create_directories(h.host.root + "/proc/4242/fd");
  fs::create_symlink("/dev/saker", h.host.root + "/proc/4242/fd/3");
  h.says(EBUSY, "process 4242 (sakerd)");
}

TEST_CASE("diagnose: no memory for the rings names the key") {
  Diagnosis h;
  std::string message = explain_setup_failure("/dev/saker", ENOMEM, 8, 5u << 20, h.host).message;
  CHECK(message.find("8 CPUs with 5120 KiB") != std::string::npos);
  CHECK(message.find("[rings]") != std::string::npos);
}

TEST_CASE("diagnose: another pid namespace is named, with a hint") {
  Diagnosis h;
  Result<void> checked = check_pid_namespace(h.host);
  REQUIRE_FALSE(checked);
  CHECK(checked.error().message.find("--pid=host") != std::string::npos);
}

TEST_CASE("abi: another major version names both and a hint") {
  saker_info info{};
  info.cpus = 4;
  info.lanes = SAKER_LANES;
  info.abi_major = SAKER_ABI_MAJOR;
  CHECK(check_abi(info));
  info.abi_minor = SAKER_ABI_MINOR + 7;
  CHECK(check_abi(info));
  info.lanes = 9;
  CHECK_FALSE(check_abi(info));
  info.lanes = SAKER_LANES;
  std::string("9.8.7").copy(info.version, sizeof(info.version));
  info.abi_major = SAKER_ABI_MAJOR + 1;
  Result<void> newer = check_abi(info);
  REQUIRE_FALSE(newer);
  CHECK(newer.error().message.find("module 9.8.7") != std::string::npos);
  CHECK(newer.error().message.find(SAKER_VERSION) != std::string::npos);
  CHECK(newer.error().message.find("install the sakerd") != std::string::npos);
  info.abi_major = SAKER_ABI_MAJOR - 1;
  CHECK(check_abi(info).error().message.find("modprobe -r saker && modprobe saker") !=
        std::string::npos);
}

}  // namespace
}  // namespace saker::capture
