#include "s3emu/rest/service.h"

#include "base/bytes.h"
#include "s3emu/rest/operation.h"

namespace tidemark::s3emu {
namespace {

// What stands in every answer. A HEAD keeps the headers and the length of its body, not the body.
http::Response sealed(http::Response response, const S3Request& request) {
  response.headers.add("x-amz-request-id", request.id);
  response.headers.add("x-amz-id-2", base64_encode(request.id + request.id));
  if (request.head.headers.find("Origin")) {
    response.headers.add("Access-Control-Allow-Origin", "*");
    response.headers.add("Access-Control-Expose-Headers", "*");
  }
  if (request.head.method == "HEAD" && !response.content_length) {
    response.content_length = response.status < 400 && response.status != 304 ? response.body_size() : 0;
    response.body = std::string();
  }
  return response;
}

http::Response refused(const S3Error& error, const S3Request& request) {
  return sealed(error_answer(error, request.id, std::string(request.head.path())), request);
}

// Holds a request and what its answer needs, for as long as the exchange lives.
class S3Exchange : public http::Exchange {
 protected:
  S3Exchange(OperationContext context, S3Request request, Payload payload, const Operation& operation)
      : context_(context),
        request_(std::move(request)),
        payload_(std::move(payload)),
        operation_(operation) {}

  http::Response answer(const S3Result<http::Response>& result) const {
    return result ? sealed(*result, request_) : refused(result.error(), request_);
  }

  OperationContext context_;
  S3Request request_;
  Payload payload_;
  const Operation& operation_;
};

// The body is collected, then the operation runs.
class BufferedExchange final : public S3Exchange {
 public:
  using S3Exchange::S3Exchange;
  BufferedExchange(OperationContext context, S3Request request, Payload payload, const Operation& operation)
      : S3Exchange(context, std::move(request), std::move(payload), operation) {}

  Result<void, http::Response> write(std::string_view bytes) override {
    if (operation_.body_max == 0) return {};
    const auto taken = payload_.decode(bytes, [this](std::string_view decoded) -> S3Result<void> {
      if (decoded.size() > operation_.body_max - body_.size()) {
        return fail(
            S3Error::of(S3Code::kEntityTooLarge).with("MaxSizeAllowed", std::to_string(operation_.body_max)));
      }
      body_.append(decoded);
      return {};
    });
    if (!taken) return fail(refused(taken.error(), request_));
    return {};
  }

  http::Response finish() override { return answer(run()); }
  [[nodiscard]] bool is_quick() const override { return operation_.is_quick; }

 private:
  S3Result<http::Response> run() {
    if (operation_.body_max > 0) {
      ASSIGN_OR_RETURN(const ExpectedDigests expected, payload_.finish());
      RETURN_IF_ERROR(verify_digests(body_, payload_.checksum(), expected));
    }
    return operation_.handle(context_, request_, body_);
  }

  std::string body_;
};

// The body goes to the store as it comes.
class StreamExchange final : public S3Exchange {
 public:
  StreamExchange(OperationContext context, S3Request request, Payload payload, const Operation& operation,
                 std::unique_ptr<BodySink> sink)
      : S3Exchange(context, std::move(request), std::move(payload), operation), sink_(std::move(sink)) {}

  Result<void, http::Response> write(std::string_view bytes) override {
    const auto taken =
        payload_.decode(bytes, [this](std::string_view decoded) { return sink_->write(decoded); });
    if (taken) return {};
    sink_.reset();
    return fail(refused(taken.error(), request_));
  }

  http::Response finish() override { return answer(run()); }
  [[nodiscard]] bool is_quick() const override { return false; }

 private:
  S3Result<http::Response> run() {
    ASSIGN_OR_RETURN(const ExpectedDigests expected, payload_.finish());
    return sink_->finish(expected);
  }

  std::unique_ptr<BodySink> sink_;
};

S3Result<void> check_owner(const S3Request& request, const S3Service::Options& options) {
  for (const char* name : {"x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner"}) {
    const auto owner = request.header(name);
    if (owner && *owner != options.owner_id) return fail(S3Error::of(S3Code::kAccessDenied));
  }
  return {};
}

S3Result<std::unique_ptr<http::Exchange>> start(OperationContext context, S3Request* request) {
  RETURN_IF_ERROR(judge_credentials(request, context.clock.now()));
  RETURN_IF_ERROR(check_owner(*request, context.options));
  ASSIGN_OR_RETURN(const Operation* const operation, route(*request));
  Payload payload;
  if (operation->stream != nullptr || operation->body_max > 0) {
    ASSIGN_OR_RETURN(payload, Payload::of(*request));
  }
  if (operation->stream == nullptr) {
    return std::make_unique<BufferedExchange>(context, *request, std::move(payload), *operation);
  }
  ASSIGN_OR_RETURN(auto sink, operation->stream(context, *request, payload));
  return std::make_unique<StreamExchange>(context, *request, std::move(payload), *operation, std::move(sink));
}

// Any page may use the store: there are no CORS rules to ask yet.
http::Response preflight(const S3Request& request) {
  http::Response response = empty_answer(200);
  response.headers.add("Access-Control-Allow-Methods", "GET, PUT, POST, DELETE, HEAD");
  const auto headers = request.head.headers.find("Access-Control-Request-Headers");
  if (headers) response.headers.add("Access-Control-Allow-Headers", std::string(*headers));
  response.headers.add("Access-Control-Max-Age", "3000");
  response.headers.add("Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
  return response;
}

}  // namespace

S3Service::S3Service(ObjectStore& store, Options options, Clock& clock, Random& random)
    : store_(store), options_(std::move(options)), clock_(clock), random_(random) {}

Result<std::unique_ptr<http::Exchange>, http::Response> S3Service::begin(http::RequestHead head) {
  std::string id = random_.hex(16);
  for (char& c : id) c = c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
  S3Request unparsed;
  unparsed.id = id;
  unparsed.head = head;
  auto request = parse_request(std::move(head), options_.base_domains);
  if (!request) return fail(refused(request.error(), unparsed));
  request->id = std::move(id);
  if (request->head.method == "OPTIONS") return fail(sealed(preflight(*request), *request));
  auto started = start(OperationContext{store_, options_, clock_}, &*request);
  if (!started) return fail(refused(started.error(), *request));
  return std::move(*started);
}

}  // namespace tidemark::s3emu
