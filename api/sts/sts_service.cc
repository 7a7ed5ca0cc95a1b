#include "api/sts/sts_service.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <utility>

#include "api/core/caller.h"
#include "api/core/error.h"
#include "api/front/authorization.h"
#include "api/front/json_protocol.h"
#include "base/release_memory.h"
#include "base/request_note.h"
#include "base/xml_text.h"

namespace tidemark::api {
namespace {

constexpr std::string_view kNamespace = "https://sts.amazonaws.com/doc/2011-06-15/";
constexpr std::string_view kVersion = "2011-06-15";
constexpr std::size_t kFormBytesMax = 16 << 10;

// The value of a parameter in a query string or a form; empty when it is not there or not well-formed.
std::string parameter(std::string_view form, std::string_view name) {
  while (!form.empty()) {
    const std::string_view pair = form.substr(0, form.find('&'));
    form.remove_prefix(std::min(form.size(), pair.size() + 1));
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || pair.substr(0, equals) != name) continue;
    return http::percent_decode(pair.substr(equals + 1), http::Plus::kBlank).value_or("");
  }
  return {};
}

struct Refusal {
  int status = 400;
  std::string_view code;
  std::string message;
};

Refusal refusal_of(const ApiError& error) {
  switch (error.type) {
    case ErrorType::kMissingAuthenticationToken:
      return {403, "MissingAuthenticationToken", error.message};
    case ErrorType::kIncompleteSignature:
      return {400, "IncompleteSignature", error.message};
    case ErrorType::kUnrecognizedClient:
      return {403, "InvalidClientTokenId", error.message};
    default:
      return {403, "SignatureDoesNotMatch", error.message};
  }
}

void append_element(std::string* out, std::string_view name, std::string_view text) {
  out->append("<").append(name).append(">");
  append_xml_escaped(out, text);
  out->append("</").append(name).append(">");
}

// Root users go by their account; of other ids only the form is the service's.
std::string user_id(const Settings& settings, const std::string& account_id) {
  static constexpr std::size_t kUserIdEnd = 17;
  const auth::Account* const account = settings.authority->credentials().find_account(account_id);
  if (account == nullptr) return account_id;
  std::string id = "AIDA" + account->canonical_user_id.substr(0, kUserIdEnd);
  std::ranges::transform(id, id.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return id;
}

std::string identity_document(const Settings& settings, const std::string& account_id,
                              std::string_view request_id) {
  std::string out = "<GetCallerIdentityResponse xmlns=\"" + std::string(kNamespace) + "\">";
  out += "<GetCallerIdentityResult>";
  append_element(&out, "Arn", caller_arn(settings, account_id));
  append_element(&out, "UserId", user_id(settings, account_id));
  append_element(&out, "Account", account_id);
  out += "</GetCallerIdentityResult><ResponseMetadata>";
  append_element(&out, "RequestId", request_id);
  out += "</ResponseMetadata></GetCallerIdentityResponse>\n";
  return out;
}

std::string error_document(const Refusal& refusal, std::string_view request_id) {
  std::string out = "<ErrorResponse xmlns=\"" + std::string(kNamespace) + "\"><Error><Type>Sender</Type>";
  append_element(&out, "Code", refusal.code);
  append_element(&out, "Message", refusal.message);
  out += "</Error>";
  append_element(&out, "RequestId", request_id);
  out += "</ErrorResponse>\n";
  return out;
}

class StsExchange final : public http::Exchange {
 public:
  StsExchange(const Settings& settings, const Clock& clock, Random& random, http::RequestHead head)
      : settings_(settings), clock_(clock), random_(random), head_(std::move(head)) {}

  Result<void, http::Response> write(std::string_view bytes) override {
    if (body_.size() + bytes.size() > kFormBytesMax) {
      return fail(refuse({413, "RequestEntityTooLarge", "The request is too large."}));
    }
    body_.append(bytes);
    return {};
  }

  http::Response finish() override {
    const Clock& clock = settings_.wall != nullptr ? *settings_.wall : clock_;
    const auto owner = authorize(head_, body_, settings_, clock.now(), "sts");
    if (!owner) return refuse(refusal_of(owner.error()));
    const std::string_view form = head_.method == "POST" ? std::string_view(body_) : head_.query();
    const std::string action = parameter(form, "Action");
    const std::string version = parameter(form, "Version");
    if (action.empty())
      return refuse({400, "MissingAction", "The request must contain the parameter Action"});
    if (action != "GetCallerIdentity" || version != kVersion) {
      return refuse({400, "InvalidAction",
                     "Could not find operation " + action + " for version " +
                         (version.empty() ? "NO_VERSION_SPECIFIED" : version)});
    }
    if (head_.note != nullptr) head_.note->operation = "GetCallerIdentity";
    const std::string id = random_.uuid();
    return respond(200, id, identity_document(settings_, owner->account_id, id));
  }

  http::Response give_up() override {
    release_memory(&body_);
    return refuse({503, "ServiceUnavailable", kTooManyRequests});
  }

  [[nodiscard]] bool is_quick() const override { return true; }
  [[nodiscard]] std::uint64_t held_bytes() const override { return body_.capacity(); }

 private:
  http::Response refuse(const Refusal& refusal) {
    if (head_.note != nullptr) head_.note->error = refusal.code;
    const std::string id = random_.uuid();
    return respond(refusal.status, id, error_document(refusal, id));
  }

  http::Response respond(int status, std::string_view request_id, std::string body) {
    http::Response response;
    response.status = status;
    response.close = status == 413;
    response.headers.add("x-amzn-RequestId", std::string(request_id));
    response.headers.add("Content-Type", "text/xml");
    // A page may have what it asked for, and also the error.
    if (head_.headers.find("Origin")) response.headers.add("Access-Control-Allow-Origin", "*");
    response.body = std::move(body);
    note_answer(head_, response);
    return response;
  }

  const Settings& settings_;
  const Clock& clock_;
  Random& random_;
  const http::RequestHead head_;
  std::string body_;
};

}  // namespace

StsService::StsService(Settings settings, Clock& clock, Random& random)
    : settings_(std::move(settings)), clock_(clock), random_(random) {}

Result<std::unique_ptr<http::Exchange>, http::Response> StsService::begin(http::RequestHead head) {
  if (head.note != nullptr) head.note->service = "sts";
  return std::make_unique<StsExchange>(settings_, clock_, random_, std::move(head));
}

}  // namespace tidemark::api
