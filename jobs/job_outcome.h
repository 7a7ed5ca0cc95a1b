// How a job ends that does not complete.
#pragma once

#include <string>
#include <utility>

#include "base/error.h"
#include "base/result.h"

namespace tidemark::jobs {

// What a client is told when the disk is full.
inline constexpr const char* kNoSpaceLeft = "The server has no space left to store data.";

struct JobFailure {
  enum class Kind {
    kFailed,
    kCancelled,    // somebody asked for it
    kInterrupted,  // the process ends: the job is still in progress, and goes on after the next start
    kPostponed,    // no failure: the work has to be called again when the job may end
  };

  Kind kind = Kind::kFailed;
  std::string code;        // `S3NoSuchBucket`, as in the service's FailureCode
  std::string message;     // for the client
  std::string cause = {};  // of a failure of our own: names files and keys, for the log only
  const char* waits = "";  // of a postponed one: its phase meanwhile, a text that stays

  static JobFailure cancelled() {
    return {.kind = Kind::kCancelled, .code = "Cancelled", .message = "The job was cancelled."};
  }
  static JobFailure interrupted() { return {.kind = Kind::kInterrupted, .code = {}, .message = {}}; }
  static JobFailure postponed(const char* waits = "waiting for its time") {
    return {.kind = Kind::kPostponed, .code = {}, .message = {}, .waits = waits};
  }
  // The server could not do its work.
  static JobFailure internal(const Error& error) {
    return {.code = "InternalServerError",
            .message = error.code == ErrorCode::kNoSpace ? kNoSpaceLeft
                                                         : "The server failed while it worked on the job.",
            .cause = error.message};
  }
};

template <class T>
using JobResult = Result<T, JobFailure>;

// Why a job was not begun. `Refusal` is an enumeration of the kind with a kEngine for the server's own
// errors.
template <class Refusal>
struct StartError {
  Refusal refusal;
  Error error = {};  // with kEngine

  explicit StartError(Refusal why) : refusal(why) {}
  // NOLINTNEXTLINE(google-explicit-constructor): so that RETURN_IF_ERROR converts
  StartError(Error cause) : refusal(Refusal::kEngine), error(std::move(cause)) {}
};

}  // namespace tidemark::jobs
