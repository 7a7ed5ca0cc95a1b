#include "s3emu/rest/core/request_note.h"

#include <utility>

#include "base/request_note.h"

namespace tidemark::s3emu {
namespace {

void add_names(const S3Request& request) {
  http::RequestNote& note = *request.head.note;
  if (!request.bucket.empty()) note.add("bucket", request.bucket);
  if (!request.key.empty()) note.add("key", request.key);
}

// Method, path and the names in the query, whose values may be secret.
std::string outline(const S3Request& request) {
  std::string text = request.head.method + ' ' + std::string(request.head.path());
  char separator = '?';
  for (const auto& [name, value] : request.query) {
    if (text.size() > http::RequestNote::kTextMax) break;
    text += std::exchange(separator, '&');
    text += name;
  }
  return text;
}

bool has_line_anyway(const S3Request& request) {
  return request.head.note != nullptr && log::enabled(log::Level::kDebug);
}

}  // namespace

void note_begun(const S3Request& request) {
  if (has_line_anyway(request)) add_names(request);
}

void note_key(const S3Request& request) {
  if (has_line_anyway(request)) request.head.note->add("key", request.key);
}

void note_refused(const S3Request& request, const S3Error& error) {
  http::RequestNote* const note = request.head.note;
  if (note == nullptr) return;
  note->error = name_of(error.id);
  if (error.id != S3Code::kNotImplemented || !http::is_told(error.status)) return;
  for (const auto& [name, value] : error.extras) {
    if (name == "Header") note->reason = value;
  }
}

void note_answered(const S3Request& request, int status) {
  http::RequestNote* const note = request.head.note;
  if (note == nullptr || !http::is_told(status)) return;
  note->request_id = request.id;
  if (note->resources.empty()) add_names(request);
  if (note->operation.empty()) note->add("request", outline(request));
}

}  // namespace tidemark::s3emu
