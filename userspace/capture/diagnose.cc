// SPDX-License-Identifier: Apache-2.0
#include "capture/diagnose.h"

#include <dirent.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <filesystem>

#include "base/file.h"
#include "capture/signature.h"

namespace saker::capture {
namespace {

// Where `saker bundle install` puts modules (tools/modules/install).
constexpr const char* bundle_folder = "/var/lib/saker-modules/current";

bool exists(const std::string& path) {
  struct stat st;
  return ::stat(path.c_str(), &st) == 0;
}

std::string text_of(const std::string& path) {
  Result<std::string> text = read_file(path, 1u << 22);
  return text ? *text : std::string();
}

bool module_loaded(const Host& host) {
  std::string modules = "\n" + text_of(host.root + "/proc/modules");
  return modules.find("\nsaker ") != std::string::npos;
}

bool module_installed(const Host& host) {
  std::string dep = text_of(host.root + "/lib/modules/" + host.kernel_release + "/modules.dep");
  return dep.find("/saker.ko") != std::string::npos;
}

bool initial_user_namespace(const Host& host) {
  std::string map = text_of(host.root + "/proc/self/uid_map");
  return map.empty() || map.find("4294967295") != std::string::npos;
}

// A bundle is installed, so this machine is one without a compiler.
std::string why_no_bundle(const Host& host) {
  const std::string has = "the bundle of modules in /var/lib/saker-modules ";
  if (exists(host.root + bundle_folder + "/modules/" + host.kernel_release + "/saker.ko"))
    return has + "has one for this kernel, which is not loaded; modprobe saker says why." +
           signature_advice(host);
  std::string kernels;
  for (const std::string& name : names_in(host.root + bundle_folder + "/modules/", 100))
    kernels += (kernels.empty() ? "" : ", ") + name;
  return has + "has none for this kernel (" + host.kernel_release + "), only for " + kernels +
         "; make one where there is a compiler: saker bundle --kernels " + host.kernel_release +
         ", and then here: saker bundle install FILE";
}

std::string why_not_loaded(const Host& host) {
  if (!exists(host.root + "/proc/modules"))
    return "this kernel (" + host.kernel_release +
           ") cannot load modules at all; use another kernel, or try Saker in a VM: make run";
  if (module_loaded(host))
    return "the module is loaded but its device node is missing; mount devtmpfs: mount -t devtmpfs "
           "devtmpfs /dev";
  if (text_of(host.root + "/proc/sys/kernel/modules_disabled").starts_with("1"))
    return "loading modules is disabled until the next boot (kernel.modules_disabled=1); "
           "reboot with the module in /etc/modules-load.d: echo saker > "
           "/etc/modules-load.d/saker.conf";
  if (module_installed(host))
    return "the module is not loaded; load it: modprobe saker." + signature_advice(host);
  if (exists(host.root + bundle_folder + "/manifest")) return why_no_bundle(host);
  if (!exists(host.root + "/lib/modules/" + host.kernel_release + "/build"))
    return "the module is not built for this kernel (" + host.kernel_release +
           ") and its headers are missing; install them: " + headers_command(host) +
           " (DKMS then builds the module)";
  return "the module is not built for this kernel (" + host.kernel_release +
         "); build it: dkms autoinstall, or from the source tree: make kmod && insmod "
         "build/kmod/saker.ko." +
         signature_advice(host);
}

// "process 123 (sakerd)" if it has the device open, or "".
std::string holder(const std::string& device, const Host& host) {
  std::error_code ignored;
  const std::string proc = host.root + "/proc/", self = std::to_string(getpid());
  for (const std::string& pid : names_in(proc)) {
    if (pid.find_first_not_of("0123456789") != std::string::npos || pid == self) continue;
    const std::string fds = proc + pid + "/fd/";
    for (const std::string& fd : names_in(fds)) {
      if (std::filesystem::read_symlink(fds + fd, ignored) != device) continue;
      std::string comm = text_of(proc + pid + "/comm");
      if (!comm.empty() && comm.back() == '\n') comm.pop_back();
      return "process " + pid + " (" + comm + ")";
    }
  }
  return "";
}

}  // namespace

Host Host::running() {
  utsname name{};
  ::uname(&name);
  return {"", name.release, ::geteuid() == 0};
}

Error explain_open_failure(const std::string& device, int errnum, const Host& host) {
  std::string what = "cannot open " + device + ": ";
  switch (errnum) {
    case ENOENT:
    case ENXIO:
    case ENODEV: return {what + why_not_loaded(host), errnum};
    case EACCES:
    case EPERM:
      if (!host.superuser) return {what + "only root may; start it as root: sudo sakerd", errnum};
      if (!initial_user_namespace(host))
        return {what +
                    "it needs CAP_SYS_ADMIN in the initial user namespace, and this is another "
                    "one; start sakerd on the host, or in a container without a user namespace: "
                    "docker run --privileged --userns=host",
                errnum};
      return {what +
                  "CAP_SYS_ADMIN is missing; start it with that capability (systemd: "
                  "AmbientCapabilities=CAP_SYS_ADMIN; docker: --cap-add SYS_ADMIN --device " +
                  device + ")",
              errnum};
    case EBUSY: {
      std::string who = holder(device, host);
      return {what + "it already has a consumer" + (who.empty() ? "" : ": " + who) +
                  "; stop that one first: systemctl stop saker",
              errnum};
    }
    default: return Error::from_errno("cannot open " + device, errnum);
  }
}

Error explain_setup_failure(const std::string& device, int errnum, unsigned cpus,
                            std::uint64_t bytes, const Host& host) {
  if (errnum == EBUSY || errnum == EPERM || errnum == EACCES)
    return explain_open_failure(device, errnum, host);
  if (errnum == ENOMEM)
    return {"the kernel has no memory for the rings: " + std::to_string(cpus) + " CPUs with " +
                std::to_string(bytes >> 10) +
                " KiB each; set smaller ones in [rings] of the configuration",
            errnum};
  return Error::from_errno(device + ": the rings cannot be made", errnum);
}

Result<void> check_pid_namespace(const Host& host) {
  constexpr ino_t initial = 0xEFFFFFFC;  // PROC_PID_INIT_INO, the same in every kernel
  for (const char* file : {"/proc/self/ns/pid", "/proc/1/ns/pid"}) {
    struct stat st;
    // If we may not look at process 1, opening the device will report the error.
    const int result = ::stat((host.root + file).c_str(), &st);
    if (result < 0 && errno == EACCES) continue;
    if (result < 0 || st.st_ino != initial)
      return Error{
          "this is not the initial pid namespace, whose process numbers the module uses; in a "
          "container use the host's: docker run --pid=host, or hostPID: true",
          EINVAL};
  }
  return {};
}

}  // namespace saker::capture
