#include "s3emu/rest/front/exchange.h"

#include <algorithm>

#include "base/bytes.h"
#include "s3emu/rest/core/authorize.h"
#include "s3emu/rest/core/credentials.h"
#include "s3emu/rest/core/request_note.h"
#include "s3emu/rest/settings/cors.h"

namespace tidemark::s3emu {
namespace {

// A body may end long after its head came, so that the request is judged by what there is at its end: buckets
// and objects come and go, and policies change, while it is on its way.
S3Result<void> may_be_carried_out(S3Context& context, const S3Request& request, const S3Operation& operation,
                                  std::uint64_t body_bytes, BodyKeys body_keys = {}) {
  RETURN_IF_ERROR(check_not_expired(request, context.options, context.wall.now(), body_bytes));
  return authorize(context, request, operation, std::move(body_keys));
}

class BufferedExchange final : public http::Exchange {
 public:
  BufferedExchange(S3Context context, S3Request request, Payload payload, const S3Operation& operation)
      : context_(context),
        request_(std::move(request)),
        payload_(std::move(payload)),
        operation_(operation) {}

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
    if (!taken) return fail(refused(context_, request_, taken.error()));
    return {};
  }

  http::Response finish() override {
    auto result = run();
    return result ? sealed(context_, request_, std::move(*result))
                  : refused(context_, request_, result.error());
  }
  [[nodiscard]] bool is_quick() const override {
    if (!operation_.is_quick || operation_.is_quick_for == nullptr) return operation_.is_quick;
    S3Context context = context_;
    return operation_.is_quick_for(context, request_);
  }
  [[nodiscard]] bool is_heavy() const override {
    // A document may take sixteen times its size.
    constexpr std::size_t kHeavyBodyBytes = 256 << 10;
    // A group of a listing is a seek.
    return body_.size() > kHeavyBodyBytes || operation_.is_heavy || request_.has_param("delimiter");
  }
  [[nodiscard]] std::uint64_t held_bytes() const override { return body_.capacity(); }
  [[nodiscard]] bool is_known() const override { return request_.authenticated; }
  http::Response give_up() override { return refused(context_, request_, S3Error::of(S3Code::kSlowDown)); }

 private:
  S3Result<http::Response> run() {
    // Nothing that is kept in memory takes long to send.
    BodyKeys keys;
    if (operation_.body_keys != nullptr) {
      keys = operation_.body_keys->read(body_);
      keys.not_of_headers = operation_.body_keys->names;
    }
    RETURN_IF_ERROR(may_be_carried_out(context_, request_, operation_, 0, std::move(keys)));
    if (operation_.body_max > 0) {
      ASSIGN_OR_RETURN(const ExpectedDigests expected, payload_.finish());
      RETURN_IF_ERROR(verify_digests(body_, payload_.checksum(), expected));
    }
    return operation_.handle(context_, request_, body_);
  }

  S3Context context_;
  const S3Request request_;
  Payload payload_;
  const S3Operation& operation_;
  std::string body_;
};

class StreamExchange final : public http::Exchange {
 public:
  StreamExchange(S3Context context, S3Request request, Payload payload, const S3Operation& operation,
                 std::unique_ptr<BodySink> sink)
      : context_(context),
        request_(std::move(request)),
        payload_(std::move(payload)),
        operation_(operation),
        sink_(std::move(sink)) {}

  Result<void, http::Response> write(std::string_view bytes) override {
    const auto taken =
        payload_.decode(bytes, [this](std::string_view decoded) { return sink_->write(decoded); });
    if (taken) return {};
    sink_.reset();
    return fail(refused(context_, request_, taken.error()));
  }

  http::Response finish() override {
    auto result = run();
    return result ? sealed(context_, request_, std::move(*result))
                  : refused(context_, request_, result.error());
  }
  [[nodiscard]] bool is_quick() const override { return sink_ != nullptr && sink_->is_quick(); }
  // Longer bodies go to a file.
  [[nodiscard]] std::uint64_t held_bytes() const override {
    return std::min<std::uint64_t>(payload_.taken(), kInMemorySizeMax);
  }
  [[nodiscard]] bool is_known() const override { return request_.authenticated; }
  http::Response give_up() override { return refused(context_, request_, S3Error::of(S3Code::kSlowDown)); }

 private:
  S3Result<http::Response> run() {
    ASSIGN_OR_RETURN(const ExpectedDigests expected, payload_.finish());
    RETURN_IF_ERROR(may_be_carried_out(context_, request_, operation_, payload_.taken()));
    return sink_->finish(context_, request_, expected);
  }

  S3Context context_;
  const S3Request request_;
  Payload payload_;
  const S3Operation& operation_;
  std::unique_ptr<BodySink> sink_;
};

}  // namespace

http::Response sealed(S3Context& context, const S3Request& request, http::Response response) {
  response.headers.add("x-amz-request-id", request.id);
  response.headers.add("x-amz-id-2", base64_encode(request.id + request.id));
  add_cors_headers(context, request, &response);
  if (request.head.method == "HEAD" && !response.content_length) {
    response.content_length = response.status < 400 && response.status != 304 ? response.body_size() : 0;
    response.body = std::string();
  }
  note_answered(request, response.status);
  return response;
}

http::Response refused(S3Context& context, const S3Request& request, const S3Error& error) {
  note_refused(request, error);
  return sealed(context, request, error_answer(error, request.id, std::string(request.head.path())));
}

std::unique_ptr<http::Exchange> buffered_exchange(S3Context context, S3Request request, Payload payload,
                                                  const S3Operation& operation) {
  return std::make_unique<BufferedExchange>(context, std::move(request), std::move(payload), operation);
}

std::unique_ptr<http::Exchange> stream_exchange(S3Context context, S3Request request, Payload payload,
                                                const S3Operation& operation,
                                                std::unique_ptr<BodySink> sink) {
  return std::make_unique<StreamExchange>(context, std::move(request), std::move(payload), operation,
                                          std::move(sink));
}

}  // namespace tidemark::s3emu
