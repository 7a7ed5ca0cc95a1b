#include "s3emu/rest/objects/multipart_form.h"

#include <algorithm>

#include "base/http_message.h"
#include "base/text.h"

namespace tidemark::s3emu {
namespace {

constexpr std::size_t kBoundaryMax = 200;  // the standard says 70
constexpr std::size_t kPaddingMax = 64;    // blanks behind a boundary

auto malformed() { return fail(S3Error::of(S3Code::kMalformedPostRequest)); }

// Takes `value` or `"value"` from the front of a parameter list. Inside quotes a backslash protects a quote
// or another backslash, and is itself otherwise: some browsers send whole Windows paths.
std::string take_value(std::string_view* rest) {
  std::string out;
  if (!rest->starts_with('"')) {
    const std::string_view value = rest->substr(0, rest->find(';'));
    rest->remove_prefix(value.size());
    return std::string(trimmed(value));
  }
  std::size_t at = 1;
  for (; at < rest->size() && (*rest)[at] != '"'; ++at) {
    const char next = at + 1 < rest->size() ? (*rest)[at + 1] : '\0';
    if ((*rest)[at] == '\\' && (next == '"' || next == '\\')) ++at;
    out.push_back((*rest)[at]);
  }
  rest->remove_prefix(std::min(rest->size(), at + 1));
  return out;
}

// The next `; name=value`; nothing at the end. The name comes in lower case.
std::optional<std::pair<std::string, std::string>> take_parameter(std::string_view* rest) {
  const std::size_t start = rest->find(';');
  if (start == std::string_view::npos) return std::nullopt;
  rest->remove_prefix(start + 1);
  const std::size_t equals = rest->find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  std::string name(trimmed(rest->substr(0, equals)));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  rest->remove_prefix(equals + 1);
  while (rest->starts_with(' ')) rest->remove_prefix(1);
  return std::pair{std::move(name), take_value(rest)};
}

// `UTF-8''na%20me`
std::optional<std::string> decode_extended(std::string_view value) {
  const std::size_t first = value.find('\'');
  const std::size_t second = first == std::string_view::npos ? first : value.find('\'', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  return http::percent_decode(value.substr(second + 1), http::Plus::kPlus);
}

S3Result<FormPart> parse_disposition(std::string_view value) {
  if (!http::equal_ignoring_case(trimmed(value.substr(0, value.find(';'))), "form-data")) return malformed();
  FormPart part;
  bool named = false;
  std::optional<std::string> extended;
  while (auto parameter = take_parameter(&value)) {
    if (parameter->first == "name") {
      part.name = std::move(parameter->second);
      named = true;
    } else if (parameter->first == "filename") {
      part.filename = std::move(parameter->second);
    } else if (parameter->first == "filename*") {
      extended = decode_extended(parameter->second);
    }
  }
  if (!named) return malformed();
  if (extended) part.filename = std::move(extended);
  return part;
}

S3Result<FormPart> parse_part_headers(std::string_view block) {
  while (!block.empty()) {
    const std::string_view line = block.substr(0, block.find("\r\n"));
    block.remove_prefix(std::min(block.size(), line.size() + 2));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return malformed();
    if (http::equal_ignoring_case(trimmed(line.substr(0, colon)), "Content-Disposition")) {
      return parse_disposition(line.substr(colon + 1));
    }
  }
  return malformed();
}

}  // namespace

S3Result<MultipartForm> MultipartForm::of(std::string_view content_type) {
  std::string_view rest = content_type;
  if (!http::equal_ignoring_case(trimmed(rest.substr(0, rest.find(';'))), "multipart/form-data")) {
    return fail(S3Error::of(S3Code::kPreconditionFailed)
                    .with("Condition", "Bucket POST must be of the enclosure-type multipart/form-data"));
  }
  while (const auto parameter = take_parameter(&rest)) {
    if (parameter->first != "boundary") continue;
    if (parameter->second.empty() || parameter->second.size() > kBoundaryMax) return malformed();
    return MultipartForm(parameter->second);
  }
  return malformed();
}

MultipartForm::MultipartForm(std::string_view boundary) : delimiter_("\r\n--" + std::string(boundary)) {}

S3Result<void> MultipartForm::feed(std::string_view bytes, Sink* sink) {
  if (state_ == State::kEpilogue) return {};
  held_.append(bytes);
  Step next = Step::kMore;
  while (next == Step::kMore) {
    ASSIGN_OR_RETURN(next, step(sink));
  }
  // Once, not at each boundary: what is held may be long and full of what begins like one.
  held_.erase(0, done_);
  done_ = 0;
  return {};
}

S3Result<void> MultipartForm::finish() const {
  if (state_ != State::kEpilogue) return malformed();
  return {};
}

S3Result<MultipartForm::Step> MultipartForm::step(Sink* sink) {
  switch (state_) {
    case State::kPreamble:
      return take_bytes(nullptr);
    case State::kBytes:
      return take_bytes(sink);
    case State::kBoundaryTail:
      return take_boundary_tail(sink);
    case State::kHeaders:
      return take_headers(sink);
    case State::kEpilogue:
      done_ = held_.size();
      return Step::kWait;
  }
  return Step::kWait;
}

S3Result<MultipartForm::Step> MultipartForm::take_bytes(Sink* sink) {
  const std::string_view held = rest();
  const std::size_t found = held.find(delimiter_);
  // Without a boundary in sight, its beginning may still be the end of what is here.
  std::size_t free = found;
  if (found == std::string_view::npos) {
    free = held.size() - std::min(held.size(), delimiter_.size() - 1);
    free = std::min(held.find('\r', free), held.size());
  }
  if (sink == nullptr) RETURN_IF_ERROR(count_preamble(free));
  if (free > 0 && sink != nullptr) RETURN_IF_ERROR(sink->part_bytes(held.substr(0, free)));
  done_ += free;
  if (found == std::string_view::npos) return Step::kWait;
  inside_part_ = state_ == State::kBytes;
  state_ = State::kBoundaryTail;
  return Step::kMore;
}

S3Result<void> MultipartForm::count_preamble(std::size_t size) {
  preamble_ += size;
  if (preamble_ > kPreambleMax) return malformed();
  return {};
}

S3Result<MultipartForm::Step> MultipartForm::take_boundary_tail(Sink* sink) {
  const std::string_view tail = rest().substr(delimiter_.size());
  const std::size_t padding = std::min(tail.find_first_not_of(" \t"), tail.size());
  const std::string_view after = tail.substr(padding);
  const bool last = tail.starts_with("--");
  if (!last && !after.starts_with("\r\n")) {
    const bool undecided = padding <= kPaddingMax && (after.empty() || after == "\r" || tail == "-");
    if (undecided) return Step::kWait;
    // A line that only begins like the boundary.
    if (inside_part_) {
      RETURN_IF_ERROR(sink->part_bytes(delimiter_));
    } else {
      RETURN_IF_ERROR(count_preamble(delimiter_.size()));
    }
    done_ += delimiter_.size();
    state_ = inside_part_ ? State::kBytes : State::kPreamble;
    return Step::kMore;
  }
  if (inside_part_) RETURN_IF_ERROR(sink->end_part());
  inside_part_ = false;
  if (last) {
    state_ = State::kEpilogue;
    return Step::kMore;
  }
  if (++parts_ > kPartsMax) return malformed();
  // The line break stays: a block of headers may be empty.
  done_ += delimiter_.size() + padding;
  state_ = State::kHeaders;
  return Step::kMore;
}

S3Result<MultipartForm::Step> MultipartForm::take_headers(Sink* sink) {
  const std::string_view held = rest();
  const std::size_t end = held.find("\r\n\r\n");
  if (std::min(end, held.size()) > kPartHeadersMax) return malformed();
  if (end == std::string_view::npos) return Step::kWait;
  ASSIGN_OR_RETURN(FormPart part, parse_part_headers(held.substr(2, std::max(end, std::size_t{2}) - 2)));
  done_ += end + 4;
  RETURN_IF_ERROR(sink->begin_part(std::move(part)));
  state_ = State::kBytes;
  return Step::kMore;
}

}  // namespace tidemark::s3emu
