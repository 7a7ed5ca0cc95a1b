// The lines that the log has about requests (docs/logging.md): at level debug one for each, above it only
// those that failed here.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "base/clock.h"
#include "base/request_note.h"

namespace tidemark::server {

// How a request went, as far as its connection knows.
struct Outcome {
  enum class Cut { kNot, kReceiving, kSending };

  int status = 0;                           // 0: there was no answer
  Cut cut = Cut::kNot;                      // where the connection ended too early
  std::uint64_t bytes_in = 0;               // of the body, as far as it came
  std::uint64_t bytes_out = 0;              // of the body of the answer, as far as it went
  std::optional<double> ms = std::nullopt;  // from the end of the head to the last byte of the answer
  std::string_view peer = {};
};

// Thread-safety: tell() may be called concurrently.
class RequestLog {
 public:
  // The caller keeps the clock alive.
  explicit RequestLog(const Clock& clock) : clock_(clock) {}

  // Writes the line, if this request is to have one. Unless every request has its line, a failure of the same
  // kind (service, operation, status) is told of once a second, with the number of those left out since the
  // last time; and that an operation is not built (501) only once.
  void tell(const http::RequestNote& note, const Outcome& outcome);

 private:
  using Kind = std::tuple<std::string_view, std::string_view, int>;  // service, operation, status
  struct Told {
    std::int64_t micros = 0;  // when last
    std::uint64_t left_out = 0;
  };

  // How many have been left out before this one; nothing: it is left out, too.
  std::optional<std::uint64_t> admit(const Kind& kind);

  const Clock& clock_;
  std::mutex mutex_;
  std::map<Kind, Told> told_;  // guarded by mutex_; the texts are the program's own, so there are few
};

}  // namespace tidemark::server
