// The REST operations in strict mode with callers that need not sign: what stands between identifying a
// caller and the answer.
#pragma once

#include "s3emu/rest/core/authorize.h"
#include "s3emu/rest/core/settings_cache.h"
#include "tests/unit/s3emu/rest/digest_header.h"
#include "tests/unit/s3emu/store_fixture.h"

namespace tidemark::s3emu {

inline const auth::Account kAnn = {"111111111111", std::string(64, 'a'), "ann"};
inline const auth::Account kBob = {"222222222222", std::string(64, 'b'), "bob"};

class AccessFixture : public StoreFixture {
 public:
  explicit AccessFixture(bool strict = true) {
    const std::string list = "[ann]\naws_access_key_id=A\naws_secret_access_key=s\naccount_id=" + kAnn.id +
                             "\ncanonical_user_id=" + kAnn.canonical_user_id +
                             "\n[bob]\naws_access_key_id=B\naws_secret_access_key=s\naccount_id=" + kBob.id +
                             "\ncanonical_user_id=" + kBob.canonical_user_id + "\n";
    auto credentials = auth::CredentialList::parse(list, "test", options_.owner);
    INVARIANT(credentials.has_value());
    options_.authority = std::make_shared<auth::Authority>(auth::Authority::Options{.strict = strict},
                                                           *std::move(credentials));
    access_.emplace(*store, Authorizer::Options{.strict = strict, .owner = options_.owner});
  }

  struct Answer {
    int status = 0;
    std::string code;  // of an error
    std::string body;
    std::string message;
  };

  // nullptr: anonymous in strict mode; the owner in open mode.
  Answer as(const auth::Account* caller, const std::string& method, const std::string& target,
            const NamedValues& headers = {}, const std::string& body = {}) {
    http::RequestHead head;
    head.method = method;
    head.target = target;
    head.headers.add("Host", "127.0.0.1:8000");
    for (const auto& [name, value] : headers) head.headers.add(name, value);
    head.content_length = body.size();
    add_digest(body, &head);
    head.peer = "192.0.2.1";
    auto request = parse_request(std::move(head), options_.base_domains);
    INVARIANT(request.has_value());
    if (caller != nullptr) {
      request->caller.account = *caller;
      request->authenticated = true;
    } else if (access_->is_strict()) {
      request->caller.anonymous = true;
    } else {
      request->caller.account = options_.owner;
      request->authenticated = request->head.headers.find("Authorization").has_value();
    }
    const auto answered = run(*request, body);
    if (!answered) return {answered.error().status, answered.error().code, {}, answered.error().message};
    const auto* const text = std::get_if<std::string>(&answered->body);
    return {answered->status, {}, text == nullptr ? std::string() : *text, {}};
  }

  S3Options options_;

 private:
  S3Result<http::Response> run(const S3Request& request, const std::string& body) {
    S3Context context{.store = *store,
                      .options = options_,
                      .clock = clock,
                      .wall = clock,
                      .cache = cache_,
                      .access = *access_};
    ASSIGN_OR_RETURN(const S3Operation* const operation, route(request));
    BodyKeys keys;
    if (operation->body_keys != nullptr) {
      // As at the head.
      RETURN_IF_ERROR(authorize(context, request, *operation, {.pending = operation->body_keys->names}));
      keys = operation->body_keys->read(body);
    }
    RETURN_IF_ERROR(authorize(context, request, *operation, keys));
    if (operation->stream == nullptr) return operation->handle(context, request, body);
    ASSIGN_OR_RETURN(const Payload payload, Payload::of(request));
    ASSIGN_OR_RETURN(const auto sink, operation->stream(context, request, payload));
    RETURN_IF_ERROR(sink->write(body));
    return sink->finish(context, request, {});
  }

  SettingsCache cache_;
  std::optional<Authorizer> access_;
};

}  // namespace tidemark::s3emu
