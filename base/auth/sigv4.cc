#include "base/auth/sigv4.h"
#include "base/text.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

#include "base/bytes.h"
#include "base/digest.h"

namespace tidemark::auth {
namespace {

constexpr std::size_t kSignedHeadersMax = 256;
constexpr std::size_t kKeysMax = 1024;
constexpr std::string_view kEmptySha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

// Without blanks at both ends, and inner runs of them as one.
void append_collapsed(std::string* out, std::string_view value) {
  const std::size_t start = out->size();
  bool blank = false;
  for (const char c : value) {
    if (c == ' ' || c == '\t') {
      blank = true;
      continue;
    }
    if (blank && out->size() > start) out->push_back(' ');
    blank = false;
    out->push_back(c);
  }
}

void append_header(std::string* out, const http::Headers& headers, std::string_view name) {
  out->append(name);
  char separator = ':';
  for (const auto& [field_name, value] : headers.fields()) {
    if (!http::equal_ignoring_case(field_name, name)) continue;
    out->push_back(separator);
    append_collapsed(out, value);
    separator = ',';
  }
  if (separator == ':') out->push_back(':');  // signed, but not there
  out->push_back('\n');
}

// What cannot be decoded stays as it is.
std::string recoded(std::string_view text, http::Plus plus, http::Slash slash) {
  const auto decoded = http::percent_decode(text, plus);
  return http::percent_encode(decoded ? std::string_view(*decoded) : text, slash);
}

std::string recoded_parameter(std::string_view text) {
  return recoded(text, http::Plus::kBlank, http::Slash::kEncoded);
}

std::string canonical_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const std::string_view name = pair.substr(0, pair.find('='));
    if (name == "X-Amz-Signature") continue;
    pairs.emplace_back(recoded_parameter(name),
                       recoded_parameter(pair.substr(std::min(pair.size(), name.size() + 1))));
  }
  std::sort(pairs.begin(), pairs.end());
  std::string out;
  for (const auto& [name, value] : pairs) {
    if (!out.empty()) out.push_back('&');
    out.append(name).append("=").append(value);
  }
  return out;
}

// RFC 3986, 5.2.4, and runs of slashes as one.
std::string without_dot_segments(std::string_view path) {
  std::vector<std::string_view> kept;
  bool ends_in_slash = true;
  while (!path.empty()) {
    const std::string_view segment = path.substr(0, path.find('/'));
    ends_in_slash = segment.size() < path.size() || segment == "." || segment == "..";
    path.remove_prefix(std::min(path.size(), segment.size() + 1));
    if (segment == ".." && !kept.empty()) kept.pop_back();
    if (!segment.empty() && segment != "." && segment != "..") kept.push_back(segment);
  }
  std::string out;
  for (const std::string_view segment : kept) out.append("/").append(segment);
  if (ends_in_slash || out.empty()) out.push_back('/');
  return out;
}

// Some clients send the absolute form; what is signed begins behind the authority.
std::string_view path_of(const http::RequestHead& head) {
  std::string_view path = head.path();
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!path.starts_with(scheme)) continue;
    path.remove_prefix(std::min(path.size(), path.find('/', scheme.size())));
  }
  return path.empty() ? std::string_view("/") : path;
}

std::string canonical_uri(const http::RequestHead& head, UriForm form) {
  const std::string_view path = path_of(head);
  if (path == "/") return "/";
  switch (form) {
    case UriForm::kDecodedOnce:
      return recoded(path, http::Plus::kPlus, http::Slash::kKept);
    case UriForm::kAsSent:
      return std::string(path);
    case UriForm::kNormalized:
      break;
  }
  return http::percent_encode(without_dot_segments(path), http::Slash::kKept);
}

std::string name_of_key(const CredentialScope& scope) { return scope.access_key + '/' + scope.text(); }

}  // namespace

std::string CredentialScope::text() const {
  std::string out;
  out.reserve(date.size() + region.size() + service.size() + terminator.size() + 3);
  out.append(date).append("/").append(region).append("/").append(service).append("/").append(terminator);
  return out;
}

std::optional<CredentialView> split_credential(std::string_view text) {
  CredentialView view;
  for (std::string_view* const element : {&view.terminator, &view.service, &view.region, &view.date}) {
    const std::size_t slash = text.rfind('/');
    if (slash == std::string_view::npos) return std::nullopt;
    *element = text.substr(slash + 1);
    text = text.substr(0, slash);
  }
  view.access_key = text;
  return view;
}

CredentialScope scope_of(const CredentialView& view) {
  return {.access_key = std::string(view.access_key),
          .date = std::string(view.date),
          .region = std::string(view.region),
          .service = std::string(view.service),
          .terminator = std::string(view.terminator)};
}

std::optional<CredentialScope> parse_credential(std::string_view text) {
  const auto view = split_credential(text);
  return view ? std::optional(scope_of(*view)) : std::nullopt;
}

AuthorizationHeader split_authorization(std::string_view header) {
  AuthorizationHeader out;
  out.algorithm = header.substr(0, header.find(' '));
  // Every request has such a header: one look into a table instead of three comparisons a character.
  static constexpr auto kSeparators = [] {
    std::array<bool, 256> separators{};
    for (const char c : {',', ' ', '\t'}) separators[static_cast<unsigned char>(c)] = true;
    return separators;
  }();
  const auto is_separator = [](char c) { return kSeparators[static_cast<unsigned char>(c)]; };
  const char* at = header.data() + out.algorithm.size();
  const char* const end = header.data() + header.size();
  while (true) {
    at = std::find_if_not(at, end, is_separator);
    if (at == end) return out;
    const char* const begin = std::exchange(at, std::find_if(at, end, is_separator));
    const std::string_view parameter(begin, static_cast<std::size_t>(at - begin));
    const std::size_t equals = parameter.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = parameter.substr(0, equals);
    const std::string_view value = parameter.substr(equals + 1);
    // The first of each counts.
    if (name == "Credential" && !out.credential) out.credential = value;
    if (name == "SignedHeaders" && !out.signed_headers) out.signed_headers = value;
    if (name == "Signature" && !out.signature) out.signature = value;
  }
}

std::optional<std::vector<std::string>> parse_signed_headers(std::string_view text) {
  std::vector<std::string> names;
  while (true) {
    const std::string_view name = text.substr(0, text.find(';'));
    if (name.empty() || names.size() == kSignedHeadersMax) return std::nullopt;
    names.push_back(lower_case(name));
    if (name.size() == text.size()) break;
    text.remove_prefix(name.size() + 1);
  }
  // A header named twice would let a short list ask for a long text.
  std::vector<std::string_view> sorted(names.begin(), names.end());
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) return std::nullopt;
  return names;
}

std::vector<std::string> unsigned_amz_headers(const http::Headers& headers,
                                              const std::vector<std::string>& signed_headers) {
  std::vector<std::string> out;
  for (const auto& [field_name, value] : headers.fields()) {
    if (!http::equal_ignoring_case(std::string_view(field_name).substr(0, 6), "x-amz-")) continue;
    std::string name = lower_case(field_name);
    if (std::find(signed_headers.begin(), signed_headers.end(), name) == signed_headers.end()) {
      out.push_back(std::move(name));
    }
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::string canonical_request(const http::RequestHead& head, const SigV4& sigv4, UriForm form) {
  std::string out;
  out.reserve(512);
  out.append(head.method).append("\n");
  out.append(canonical_uri(head, form)).append("\n");
  out.append(canonical_query(head.query())).append("\n");
  for (const std::string& name : sigv4.signed_headers) append_header(&out, head.headers, name);
  out.push_back('\n');
  for (const std::string& name : sigv4.signed_headers) {
    out.append(name);
    out.push_back(&name == &sigv4.signed_headers.back() ? '\n' : ';');
  }
  out.append(sigv4.payload);
  return out;
}

std::string string_to_sign(const SigV4& sigv4, std::string_view canonical_request) {
  std::string out(kSigV4Algorithm);
  out.append("\n").append(sigv4.time).append("\n").append(sigv4.scope.text()).append("\n");
  out.append(to_hex(digest_of(DigestAlgorithm::kSha256, canonical_request)));
  return out;
}

std::string signing_key(std::string_view secret_key, const CredentialScope& scope) {
  std::string key = "AWS4" + std::string(secret_key);
  for (const std::string_view part : {scope.date, scope.region, scope.service, scope.terminator}) {
    key = hmac_sha256(key, part);
  }
  return key;
}

std::string signature_of(std::string_view key, std::string_view string_to_sign) {
  return to_hex(hmac_sha256(key, string_to_sign));
}

std::string SigningKeys::key_for(const Credential& credential, const CredentialScope& scope) const {
  {
    const std::shared_lock lock(mutex_);
    if (const auto found = keys_.find(name_of_key(scope)); found != keys_.end()) return found->second;
  }
  return signing_key(credential.secret_key, scope);
}

void SigningKeys::remember(const CredentialScope& scope, const std::string& key) {
  std::string name = name_of_key(scope);
  {
    const std::shared_lock lock(mutex_);
    if (keys_.contains(name)) return;
  }
  const std::unique_lock lock(mutex_);
  if (keys_.size() == kKeysMax) keys_.clear();  // dates go by, and today's keys are soon made again
  keys_.emplace(std::move(name), key);
}

Result<std::string, SignatureMismatch> verify(const http::RequestHead& head, const SigV4& sigv4,
                                              const Credential& credential, Dialect dialect,
                                              SigningKeys* keys) {
  const UriForm usual = dialect == Dialect::kS3 ? UriForm::kDecodedOnce : UriForm::kNormalized;
  std::string key = keys->key_for(credential, sigv4.scope);
  std::string canonical = canonical_request(head, sigv4, usual);
  std::string to_sign = string_to_sign(sigv4, canonical);
  bool is_right = equal_constant_time(signature_of(key, to_sign), sigv4.signature);
  if (!is_right && dialect == Dialect::kS3) {
    const std::string other = canonical_request(head, sigv4, UriForm::kAsSent);
    is_right = equal_constant_time(signature_of(key, string_to_sign(sigv4, other)), sigv4.signature);
  }
  if (!is_right) return fail(SignatureMismatch{std::move(canonical), std::move(to_sign)});
  keys->remember(sigv4.scope, key);
  return key;
}

ChunkSignatures::ChunkSignatures(const SigV4& sigv4, std::string key)
    : key_(std::move(key)),
      time_and_scope_(sigv4.time + '\n' + sigv4.scope.text() + '\n'),
      previous_(sigv4.signature) {}

bool ChunkSignatures::take_chunk(std::string_view sha256, std::string_view signature) {
  return take("AWS4-HMAC-SHA256-PAYLOAD", std::string(kEmptySha256) + '\n' + to_hex(sha256), signature);
}

bool ChunkSignatures::take_trailer(std::string_view sha256, std::string_view signature) {
  return take("AWS4-HMAC-SHA256-TRAILER", to_hex(sha256), signature);
}

bool ChunkSignatures::take(std::string_view algorithm, std::string_view rest, std::string_view signature) {
  std::string text(algorithm);
  text.append("\n").append(time_and_scope_).append(previous_).append("\n").append(rest);
  const std::string right = signature_of(key_, text);
  if (!equal_constant_time(right, signature)) return false;
  previous_ = right;
  return true;
}

}  // namespace tidemark::auth
