// Uploads from HTML forms: the fields in front of the file say what a PutObject says in its headers.
#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "s3emu/rest/core/authorize.h"
#include "s3emu/rest/core/conditions.h"
#include "s3emu/rest/core/credentials.h"
#include "s3emu/rest/core/parameters.h"
#include "s3emu/rest/core/request_note.h"
#include "s3emu/rest/core/tags.h"
#include "s3emu/rest/objects/handlers.h"
#include "s3emu/rest/objects/multipart_form.h"
#include "s3emu/rest/objects/object_headers.h"
#include "s3emu/rest/objects/post_policy.h"

namespace tidemark::s3emu {
namespace {

constexpr std::size_t kFieldsBytesMax = 20 << 10;

std::optional<std::string_view> find_field(const NamedValues& fields, std::string_view name) {
  for (const auto& [known, value] : fields) {
    if (known == name) return value;
  }
  return std::nullopt;
}

auto missing_field(const std::string& name) {
  return fail(S3Error::of(S3Code::kInvalidArgument, "Bucket POST must contain a field named '" + name +
                                                        "'. If it is specified, please check the order of "
                                                        "the fields.")
                  .with("ArgumentName", name)
                  .with("ArgumentValue", ""));
}

// Senders may give the whole path that the file has on their machine.
std::string_view file_name(const std::optional<std::string>& sent) {
  if (!sent) return {};
  const std::string_view path = *sent;
  const std::size_t slash = path.find_last_of("/\\");
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

void replace_all(std::string* text, std::string_view what, std::string_view with) {
  for (std::size_t at = 0; (at = text->find(what, at)) != std::string::npos; at += with.size()) {
    text->replace(at, what.size(), with);
  }
}

bool is_header_field(std::string_view name) {
  for (const std::string_view known : {"content-type", "cache-control", "content-disposition",
                                       "content-encoding", "content-language", "expires", "content-md5"}) {
    if (name == known) return true;
  }
  // Those of the signature, of framing and of other operations mean nothing here.
  for (const std::string_view other :
       {"x-amz-content-sha256", "x-amz-trailer", "x-amz-sdk-checksum-algorithm"}) {
    if (name == other) return false;
  }
  return name.starts_with("x-amz-") && !name.starts_with("x-amz-copy-");
}

// The algorithm that verify_form() goes by; empty: nobody signed the form.
std::string signature_of_form(const NamedValues& fields) {
  if (!find_field(fields, "policy")) return {};
  const bool version_2 = !find_field(fields, "awsaccesskeyid").value_or("").empty();
  return std::string(version_2 ? "AWS" : auth::kSigV4Algorithm);
}

// The PutObject that the form amounts to.
S3Result<S3Request> put_request_of(const S3Request& request, const NamedValues& fields) {
  S3Request put = request;
  put.query.clear();
  put.head.headers = {};
  put.head.chunked = true;  // the length of the file is not known
  put.head.content_length.reset();
  // What the browser says of itself and of the way it came; nothing of it may come from a field.
  const auto keep = [&](const char* name) {
    if (const auto value = request.head.headers.find(name)) put.head.headers.add(name, std::string(*value));
  };
  for (const char* const name : {"Host", "User-Agent", "Referer"}) keep(name);
  for (const char* const name : http::kForwardingHeaders) keep(name);
  put.form_signature = signature_of_form(fields);
  for (const auto& [name, value] : fields) {
    if (name == "key") put.key = value;
    if (name == "acl") put.head.headers.add("x-amz-acl", value);
    if (is_header_field(name)) put.head.headers.add(name, value);
    if (name != "tagging") continue;
    ASSIGN_OR_RETURN(const NamedValues tags, parse_tagging(value));
    std::string header;
    for (const auto& [key, tag] : tags) {
      header.append(header.empty() ? "" : "&").append(http::percent_encode(key, http::Slash::kEncoded));
      header.append("=").append(http::percent_encode(tag, http::Slash::kEncoded));
    }
    put.head.headers.add("x-amz-tagging", std::move(header));
  }
  return put;
}

// That the policy is signed at all; whether rightly is for whoever verifies signatures.
S3Result<void> require_signature(const NamedValues& fields) {
  const bool v4 = find_field(fields, "x-amz-algorithm") || find_field(fields, "x-amz-signature") ||
                  find_field(fields, "x-amz-credential");
  const bool v2 = find_field(fields, "awsaccesskeyid") || find_field(fields, "signature");
  const bool has_policy = find_field(fields, "policy").has_value();
  if ((v4 || v2) && !has_policy) return missing_field("policy");
  if (!has_policy) return {};
  if (v4) {
    for (const char* name : {"x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature"}) {
      if (!find_field(fields, name)) return missing_field(name);
    }
    return {};
  }
  if (!find_field(fields, "awsaccesskeyid")) return missing_field("AWSAccessKeyId");
  if (!find_field(fields, "signature")) return missing_field("signature");
  return {};
}

const S3Operation& put_operation() {
  const auto& table = operations();
  const auto found = std::find_if(table.begin(), table.end(),
                                  [](const S3Operation& operation) { return operation.name == "PutObject"; });
  INVARIANT(found != table.end());
  return *found;
}

bool is_url(std::string_view text) {
  const std::string scheme = lower_case(text.substr(0, text.find(':')));
  const bool plain =
      std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) > ' '; });
  return plain && (scheme == "http" || scheme == "https");
}

class PostObjectSink final : public BodySink, private MultipartForm::Sink {
 public:
  PostObjectSink(S3Context context, S3Request request, MultipartForm form)
      : context_(context), request_(std::move(request)), form_(std::move(form)) {}

  S3Result<void> write(std::string_view bytes) override { return form_.feed(bytes, this); }

  // The digests of the request are those of the form; the file's stand in its fields.
  S3Result<http::Response> finish(S3Context& context, const S3Request& /*form*/,
                                  const ExpectedDigests& /*of_form*/) override {
    RETURN_IF_ERROR(form_.finish());
    if (file_ == nullptr) {
      return fail(S3Error::of(S3Code::kInvalidArgument, "POST requires exactly one file upload per request.")
                      .with("ArgumentName", "file")
                      .with("ArgumentValue", "0"));
    }
    if (size_range_ && size_ < size_range_->min) {
      return fail(S3Error::of(S3Code::kEntityTooSmall)
                      .with("ProposedSize", std::to_string(size_))
                      .with("MinSizeAllowed", std::to_string(size_range_->min)));
    }
    ASSIGN_OR_RETURN(const ExpectedDigests expected, payload_.finish());
    // As PutObject is judged again when its body is complete.
    RETURN_IF_ERROR(check_policy_not_expired());
    RETURN_IF_ERROR(authorize(context, put_, put_operation()));
    ASSIGN_OR_RETURN(http::Response response, file_->finish(context, put_, expected));
    return answer(std::move(response));
  }

 private:
  enum class Place { kField, kFile, kIgnored };

  S3Result<void> begin_part(FormPart part) override {
    name_ = lower_case(part.name);
    value_.clear();
    if (file_ != nullptr) {
      place_ = Place::kIgnored;
      return {};
    }
    if (name_ == "file") {
      place_ = Place::kFile;
      return begin_file(file_name(part.filename));
    }
    place_ = Place::kField;
    return count_field_bytes(name_.size());
  }

  S3Result<void> part_bytes(std::string_view bytes) override {
    if (place_ == Place::kIgnored) return {};
    if (place_ == Place::kField) {
      RETURN_IF_ERROR(count_field_bytes(bytes.size()));
      value_.append(bytes);
      return {};
    }
    size_ += bytes.size();
    if (size_range_ && size_ > size_range_->max) {
      return fail(S3Error::of(S3Code::kEntityTooLarge)
                      .with("ProposedSize", std::to_string(size_))
                      .with("MaxSizeAllowed", std::to_string(size_range_->max)));
    }
    return file_->write(bytes);
  }

  S3Result<void> end_part() override {
    if (place_ != Place::kField) return {};
    // Twice the same name: one could pass the policy, and the other be used.
    if (find_field(fields_, name_)) {
      return fail(S3Error::of(S3Code::kInvalidArgument, "A form field may be given only once.")
                      .with("ArgumentName", name_));
    }
    fields_.emplace_back(std::move(name_), std::move(value_));
    return {};
  }

  S3Result<void> count_field_bytes(std::size_t bytes) {
    fields_bytes_ += bytes;
    if (fields_bytes_ <= kFieldsBytesMax) return {};
    return fail(S3Error::of(S3Code::kMaxPostPreDataLengthExceededError)
                    .with("MaxPostPreDataLength", std::to_string(kFieldsBytesMax)));
  }

  // All fields that count are known: judges them, and opens the object.
  S3Result<void> begin_file(std::string_view name) {
    const auto key =
        std::find_if(fields_.begin(), fields_.end(), [](const auto& field) { return field.first == "key"; });
    if (key == fields_.end()) return missing_field("key");
    replace_all(&key->second, "${filename}", name);
    if (key->second.empty()) return missing_field("key");
    RETURN_IF_ERROR(require_signature(fields_));
    Caller caller = request_.caller;
    if (const auto text = find_field(fields_, "policy")) {
      ASSIGN_OR_RETURN(caller, identify_form(fields_, *text, context_.options));
      ASSIGN_OR_RETURN(const PostPolicy policy, parse_post_policy(*text));
      NamedValues judged = fields_;
      judged.emplace(judged.begin(), "bucket", request_.bucket);
      RETURN_IF_ERROR(check_post_policy(policy, judged, context_.wall.now()));
      size_range_ = policy.size_range;
      policy_expires_ = policy.expiration;
    }
    ASSIGN_OR_RETURN(put_, put_request_of(request_, fields_));
    put_.caller = std::move(caller);
    note_key(put_);
    RETURN_IF_ERROR(authorize(context_, put_, put_operation()));
    ASSIGN_OR_RETURN(payload_, Payload::of(put_));
    ASSIGN_OR_RETURN(file_, put_object(context_, put_, payload_));
    return {};
  }

  // A file that began in time may go on coming, as in check_not_expired().
  S3Result<void> check_policy_not_expired() {
    if (!policy_expires_) return {};
    const auto patience = static_cast<std::int64_t>(size_ / http::kBodyBytesPerSecondMin);
    if (context_.wall.now() <= policy_expires_->plus_seconds(patience)) return {};
    return fail(policy_expired());
  }

  // What the form wants to hear, with the headers that PutObject answered.
  S3Result<http::Response> answer(http::Response response) const {
    const std::string etag(response.headers.find("ETag").value_or(""));
    auto redirect = find_field(fields_, "success_action_redirect");
    if (!redirect) redirect = find_field(fields_, "redirect");
    if (redirect && is_url(*redirect)) {
      std::string url(*redirect);
      url += url.find('?') == std::string::npos ? '?' : '&';
      url += "bucket=" + http::percent_encode(put_.bucket, http::Slash::kEncoded) +
             "&key=" + http::percent_encode(put_.key, http::Slash::kEncoded) +
             "&etag=" + http::percent_encode(etag, http::Slash::kEncoded);
      response.status = 303;
      response.headers.add("Location", std::move(url));
      return response;
    }
    const std::string location = object_url(put_);
    response.headers.add("Location", location);
    const std::string_view status = find_field(fields_, "success_action_status").value_or("");
    if (status == "200") return response;
    if (status != "201") {
      response.status = 204;
      return response;
    }
    XmlWriter xml("PostResponse", {});
    xml.text("Location", location);
    xml.text("Bucket", put_.bucket);
    xml.text("Key", put_.key);
    xml.text("ETag", etag);
    response.status = 201;
    response.headers.add("Content-Type", "application/xml");
    response.body = xml.take();
    return response;
  }

  S3Context context_;
  const S3Request request_;
  MultipartForm form_;
  NamedValues fields_;  // names in lower case
  std::size_t fields_bytes_ = 0;

  Place place_ = Place::kField;
  std::string name_;   // of the part that is coming in
  std::string value_;  // of a field

  S3Request put_;
  Payload payload_;
  std::optional<PostPolicy::SizeRange> size_range_;
  std::optional<Timestamp> policy_expires_;
  std::uint64_t size_ = 0;
  std::unique_ptr<BodySink> file_;
};

}  // namespace

S3Result<std::unique_ptr<BodySink>> post_object(S3Context& context, const S3Request& request,
                                                const Payload& /*payload*/) {
  // What signs a form is its policy. A signature of the request is one of its whole body, which nobody
  // compares as the file has long been written.
  if (context.options.authority->is_strict() && request.authenticated) {
    return fail(
        S3Error::of(S3Code::kInvalidArgument,
                    "A form carries its credentials in its fields, neither in the Authorization header "
                    "nor in the query.")
            .with("ArgumentName", "Authorization"));
  }
  ASSIGN_OR_RETURN(MultipartForm form,
                   MultipartForm::of(request.head.headers.find("Content-Type").value_or("")));
  return std::make_unique<PostObjectSink>(context, request, std::move(form));
}

}  // namespace tidemark::s3emu
