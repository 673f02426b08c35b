// SPDX-License-Identifier: Apache-2.0
#include "output/sinks/curl_library.h"

#include "base/library.h"

namespace saker::output {
namespace {

struct Loaded {
  CurlLibrary functions{};
  Result<void> result;

  Loaded() {
    Library library("libcurl.so.4", "libcurl4");
    CurlLibrary& f = functions;
    library.find(f.global_init, "curl_global_init");
    library.find(f.easy_init, "curl_easy_init");
    library.find(f.easy_cleanup, "curl_easy_cleanup");
    library.find(f.setopt, "curl_easy_setopt");
    library.find(f.getinfo, "curl_easy_getinfo");
    library.find(f.perform, "curl_easy_perform");
    library.find(f.send, "curl_easy_send");
    library.find(f.recv, "curl_easy_recv");
    library.find(f.strerror, "curl_easy_strerror");
    library.find(f.slist_append, "curl_slist_append");
    library.find(f.slist_free_all, "curl_slist_free_all");
    library.find(f.multi_init, "curl_multi_init");
    library.find(f.multi_cleanup, "curl_multi_cleanup");
    library.find(f.multi_add, "curl_multi_add_handle");
    library.find(f.multi_remove, "curl_multi_remove_handle");
    library.find(f.multi_perform, "curl_multi_perform");
    library.find(f.multi_poll, "curl_multi_poll");
    library.find(f.multi_info_read, "curl_multi_info_read");
    result = library.ready();
    if (result && f.global_init(CURL_GLOBAL_ALL) != CURLE_OK)
      result = Error{"libcurl cannot be used"};
  }
};

const Loaded& loaded() {
  static const Loaded once;
  return once;
}

}  // namespace

Result<void> load_curl() { return loaded().result; }
const CurlLibrary& curl() { return loaded().functions; }

}  // namespace saker::output
