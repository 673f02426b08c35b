// SPDX-License-Identifier: Apache-2.0
// The headers that most files include, and the ones that take longest to read. The compiler reads
// them once for all files (see PRECOMPILED in the Makefile). Each file still includes what it uses:
// a build with PRECOMPILED= (and each with a sanitizer) goes without this header.
#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>
