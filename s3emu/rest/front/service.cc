#include "s3emu/rest/front/service.h"

#include "base/request_label.h"
#include "base/request_note.h"
#include "s3emu/request_meter.h"
#include "s3emu/rest/core/authorize.h"
#include "s3emu/rest/core/credentials.h"
#include "s3emu/rest/core/request_note.h"
#include "s3emu/rest/core/settings_cache.h"
#include "s3emu/rest/front/exchange.h"
#include "s3emu/rest/settings/cors.h"

namespace tidemark::s3emu {
namespace {

// Everything that must be known before a body comes: who sends it, and whether it is worth being taken.
// Whether the operation may be carried out is judged then, as far as that does not depend on the body.
// Consumes the request if it succeeds.
S3Result<std::unique_ptr<http::Exchange>> start(S3Context& context, S3Request* request) {
  RETURN_IF_ERROR(identify(request, context.options, context.wall.now()));
  const auto routed = route(*request);
  if (http::RequestNote* const note = request->head.note; note != nullptr) {
    note->operation = routed ? (*routed)->name : unbuilt_operation(*request);
  }
  ASSIGN_OR_RETURN(const S3Operation* const operation, routed);
  meter_request(request->caller.account.id, request->bucket, operation->name,
                label_of(request->head.headers));
  Payload payload;
  if (operation->stream != nullptr || operation->body_max > 0) {
    BodyKeys keys;
    if (operation->body_keys != nullptr) keys.pending = operation->body_keys->names;
    RETURN_IF_ERROR(authorize(context, *request, *operation, std::move(keys)));
    ASSIGN_OR_RETURN(payload, Payload::of(*request));
  }
  if (operation->needs_digest && !payload.has_digest()) {
    return fail(
        S3Error::of(S3Code::kInvalidRequest, "Missing required header for this request: Content-MD5"));
  }
  if (operation->stream == nullptr) {
    return buffered_exchange(context, std::move(*request), std::move(payload), *operation);
  }
  ASSIGN_OR_RETURN(auto sink, operation->stream(context, *request, payload));
  return stream_exchange(context, std::move(*request), std::move(payload), *operation, std::move(sink));
}

}  // namespace

S3Service::S3Service(ObjectStore& store, Options options, Clock& clock, Random& random)
    : store_(store),
      options_(std::move(options)),
      clock_(clock),
      access_(store, {.strict = options_.authority->is_strict(), .owner = options_.owner}),
      random_(random),
      cache_(std::make_unique<SettingsCache>()) {}

S3Service::~S3Service() = default;

bool S3Service::lets_page(const http::RequestHead& head, std::string_view origin) {
  if (head.method == "OPTIONS") return true;
  const auto request = parse_request(head, options_.base_domains);
  S3Context context{store_, options_, clock_, clock_, *cache_, access_};
  return request && cors_lets(context, *request, origin);
}

Result<std::unique_ptr<http::Exchange>, http::Response> S3Service::begin(http::RequestHead head) {
  if (head.note != nullptr) head.note->service = "s3";
  const Clock& wall = options_.wall != nullptr ? *options_.wall : clock_;
  S3Context context{store_, options_, clock_, wall, *cache_, access_};
  std::string id = random_.hex(16);
  for (char& c : id) c = c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
  S3Request unparsed;
  unparsed.id = id;
  unparsed.head = head;
  auto request = parse_request(std::move(head), options_.base_domains);
  if (!request) return fail(refused(context, unparsed, request.error()));
  request->id = std::move(id);
  note_begun(*request);
  if (request->head.method == "OPTIONS") {
    auto granted = preflight(context, *request);
    if (!granted) return fail(refused(context, *request, granted.error()));
    return fail(sealed(context, *request, std::move(*granted)));
  }
  auto started = start(context, &*request);
  if (!started) return fail(refused(context, *request, started.error()));
  return std::move(*started);
}

}  // namespace tidemark::s3emu
