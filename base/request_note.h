// What a request is about, for the log, and how it came.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log.h"

namespace tidemark::http {

// Filled in by the service as it finds out, and read by the session when the request is over. The views are
// of texts that live as long as the process, so that a request of which the log says nothing costs no more
// than setting them.
struct RequestNote {
  bool over_tls = false;            // said by the session: how the request came
  std::string_view service = {};    // `dynamodb`, `s3`
  std::string_view operation = {};  // `PutItem`; empty: none that is known
  std::string_view error = {};      // `ValidationException`, `NoSuchKey`; empty: none

  // Worth their making only when is_told().
  std::vector<std::pair<std::string_view, std::string>> resources = {};  // `table`, or `bucket` and `key`
  std::string request_id = {};
  std::string reason = {};  // what went wrong inside, for a 5xx

  // Adds to `resources`. Whatever the sender wrote, the log gets so many bytes of it.
  static constexpr std::size_t kTextMax = 1'024;
  void add(std::string_view name, std::string_view text) {
    resources.emplace_back(name, text.substr(0, kTextMax));
  }
};

// The level of the line about a request that was answered so: what failed here is told at the level that its
// cause deserves, what this server does not have at kInfo, everything else at kDebug. 0: without an answer.
constexpr log::Level told_level(int status) {
  if (status < 500) return log::Level::kDebug;
  if (status == 501) return log::Level::kInfo;
  return status == 503 ? log::Level::kWarn : log::Level::kError;
}

// Whether the log may tell of such a request.
inline bool is_told(int status) {
  return log::enabled(log::Level::kDebug) || (status >= 500 && log::enabled(told_level(status)));
}

}  // namespace tidemark::http
