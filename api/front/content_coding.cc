#include "api/front/content_coding.h"

#include <algorithm>
#include <vector>

#include "base/gzip.h"
#include "base/text.h"
#include "base/zlib_format.h"

namespace tidemark::api {
namespace {

// More than anybody applies, and few enough to be undone by one request.
constexpr std::size_t kCodingsMax = 4;

std::vector<std::string_view> list_elements(std::string_view list) {
  std::vector<std::string_view> elements;
  while (!list.empty()) {
    const std::string_view element = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), element.size() + 1));
    if (!trimmed(element).empty()) elements.push_back(trimmed(element));
  }
  return elements;
}

bool is(std::string_view element, std::string_view name) { return http::equal_ignoring_case(element, name); }

Result<std::string, DecodeFailure> undo(std::string_view body, std::string_view coding,
                                        std::size_t bytes_max) {
  const bool is_gzip = is(coding, "gzip") || is(coding, "x-gzip");
  if (!is_gzip && !is(coding, "deflate")) return fail(DecodeFailure::kBad);
  auto decoded = is_gzip ? gzip_decompress(body, bytes_max) : zlib_decompress(body, bytes_max);
  if (decoded) return *std::move(decoded);
  const bool is_too_large = decoded.error().code == ErrorCode::kInvalidArgument;
  return fail(is_too_large ? DecodeFailure::kTooLarge : DecodeFailure::kBad);
}

// `;q=0` and `;Q=0.000` refuse; anything else is a preference, which an answer may follow or not.
bool is_refused(std::string_view parameters) {
  while (!parameters.empty()) {
    parameters.remove_prefix(1);
    const std::size_t end = std::min(parameters.find(';'), parameters.size());
    const std::string_view parameter = trimmed(parameters.substr(0, end));
    parameters.remove_prefix(end);
    if (!is(parameter.substr(0, 2), "q=")) continue;
    const std::string_view weight = parameter.substr(2);
    return !weight.empty() && weight.find_first_not_of("0.") == std::string_view::npos;
  }
  return false;
}

// What a list says of a coding. `*` is said of all that it does not name, wherever it stands (RFC
// 9110, 12.5.3).
class Acceptance {
 public:
  void say(bool is_refused) {
    is_named_ = true;
    is_refused_ |= is_refused;
  }
  [[nodiscard]] bool or_else(bool others) const { return is_named_ ? !is_refused_ : others; }

 private:
  bool is_named_ = false;
  bool is_refused_ = false;
};

// Several headers of one name are one list (RFC 9110, 5.3).
std::string list_of(const http::Headers& headers, std::string_view name) {
  std::string list;
  for (const auto& [each, value] : headers.fields()) {
    if (!http::equal_ignoring_case(each, name)) continue;
    list.append(list.empty() ? "" : ",").append(value);
  }
  return list;
}

}  // namespace

std::string content_encoding_of(const http::Headers& headers) { return list_of(headers, "Content-Encoding"); }

Result<std::string, DecodeFailure> decode_body(std::string_view body, std::string_view codings,
                                               std::size_t bytes_max) {
  std::vector<std::string_view> applied = list_elements(codings);
  std::erase_if(applied, [](std::string_view coding) { return is(coding, "identity"); });
  if (applied.size() > kCodingsMax) return fail(DecodeFailure::kBad);
  std::string decoded(body);
  for (auto coding = applied.rbegin(); coding != applied.rend(); ++coding) {
    ASSIGN_OR_RETURN(decoded, undo(decoded, *coding, bytes_max));
  }
  return decoded;
}

std::string_view coding_name(Coding coding) {
  switch (coding) {
    case Coding::kGzip:
      return "gzip";
    case Coding::kDeflate:
      return "deflate";
    case Coding::kIdentity:
      break;
  }
  return "identity";
}

Coding accepted_coding(std::string_view accept_encoding) {
  Acceptance gzip, deflate, others;
  for (const std::string_view element : list_elements(accept_encoding)) {
    const std::size_t semicolon = std::min(element.find(';'), element.size());
    const std::string_view name = trimmed(element.substr(0, semicolon));
    const bool refused = is_refused(element.substr(semicolon));
    if (is(name, "gzip") || is(name, "x-gzip")) gzip.say(refused);
    if (is(name, "deflate")) deflate.say(refused);
    if (name == "*") others.say(refused);
  }
  const bool all = others.or_else(false);
  if (gzip.or_else(all)) return Coding::kGzip;
  return deflate.or_else(all) ? Coding::kDeflate : Coding::kIdentity;
}

Coding answer_coding(const http::RequestHead& head, CompressAnswers mode) {
  if (mode == CompressAnswers::kNever) return Coding::kIdentity;
  if (!head.headers.find("Accept-Encoding")) return Coding::kIdentity;
  const bool is_on_this_machine = head.peer == "::1" || head.peer.starts_with("127.");
  const bool is_left_out = mode == CompressAnswers::kForOtherMachines && is_on_this_machine;
  return is_left_out ? Coding::kIdentity : accepted_coding(list_of(head.headers, "Accept-Encoding"));
}

std::string encode_body(std::string_view body, Coding coding) {
  switch (coding) {
    case Coding::kGzip:
      return gzip_compress(body);
    case Coding::kDeflate:
      return zlib_compress(body);
    case Coding::kIdentity:
      break;
  }
  return std::string(body);
}

}  // namespace tidemark::api
