#include "api/front/dispatcher.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "api/core/constraints.h"
#include "api/core/type_check.h"
#include "api/front/authorization.h"
#include "api/front/body_budget.h"
#include "api/front/content_coding.h"
#include "api/front/json_protocol.h"
#include "api/front/registry.h"
#include "api/front/resources.h"
#include "base/json.h"
#include "base/request_note.h"

namespace tidemark::api {
namespace {

constexpr std::array<std::string_view, 2> kJsonTypes = {"application/x-amz-json-1.0", "application/json"};

ApiError too_many_bodies() {
  return {ErrorType::kServiceUnavailable,
          "The server is receiving too many large requests at once. Please try again later."};
}

ApiError undecodable(const std::string& codings) {
  return {ErrorType::kInternalServerError,
          "The body cannot be decoded as its Content-Encoding says: " + codings.substr(0, 100)};
}

struct Parts {
  storage::Engine& engine;
  transfer::Transfers* transfers;
  const Settings& settings;
  Clock& clock;
  Random& random;
  BodyBudget& bodies;
};

class OperationExchange final : public http::Exchange {
 public:
  OperationExchange(const Parts& parts, http::RequestHead head, std::string_view content_type,
                    const JsonAnswers& answers)
      : parts_(parts),
        head_(std::move(head)),
        content_type_(content_type),
        body_share_(parts.bodies),
        answers_(answers),
        codings_(content_encoding_of(head_.headers)) {
    if (const auto target = head_.headers.find("X-Amz-Target")) operation_ = find_operation(*target);
    if (head_.note != nullptr && operation_ != nullptr) head_.note->operation = operation_->name;
    // What a head announces is trusted with little memory only.
    static constexpr std::uint64_t kReservedBytesMax = 1 << 20;
    if (head_.content_length) body_.reserve(std::min(*head_.content_length, kReservedBytesMax));
  }

  Result<void, http::Response> write(std::string_view bytes) override;
  [[nodiscard]] bool is_quick() const override;
  http::Response finish() override;

 private:
  ApiResult<void> run(OperationContext& context, std::string_view text, std::string* out);
  [[nodiscard]] Result<std::string, http::Response> decode();
  [[nodiscard]] Timestamp wall_time() const;
  [[nodiscard]] ApiResult<void> wrong_type_first(json::Value body, ApiResult<void> result) const;
  http::Response carry_out(std::string_view text);
  http::Response refusal(const ApiError& error);
  // Fills in the note for the line of the log, if there is to be one.
  void describe(const http::Response& answer, std::string_view text);

  Parts parts_;
  http::RequestHead head_;
  std::string_view content_type_;
  BodyShare body_share_;
  const JsonAnswers answers_;
  const std::string codings_;  // of the body
  const Operation* operation_ = nullptr;
  std::string body_;  // as sent
};

Result<void, http::Response> OperationExchange::write(std::string_view bytes) {
  const std::size_t size = body_.size() + bytes.size();
  if (size > kBodyBytesMax) return fail(answers_.too_large());
  if (!body_share_.grow_to(size)) {
    http::Response response = refusal(too_many_bodies());
    describe(response, {});
    return fail(std::move(response));
  }
  body_.append(bytes);
  return {};
}

bool OperationExchange::is_quick() const {
  // Large bodies take their time to parse, whatever is asked.
  static constexpr std::size_t kQuickBodyBytesMax = 64 << 10;
  if (!codings_.empty() || answers_.may_compress()) return false;
  if (operation_ == nullptr) return true;
  if (body_.size() > kQuickBodyBytesMax) return false;
  return operation_->access == Access::kQuickRead ||
         (operation_->access == Access::kQuickWrite && !parts_.settings.sync_writes);
}

// A wrong JSON type inside an attribute value goes before the error that was found first.
ApiResult<void> OperationExchange::wrong_type_first(json::Value body, ApiResult<void> result) const {
  const ErrorType type = result.error().type;
  if (type == ErrorType::kValidation || type == ErrorType::kSerialization) {
    RETURN_IF_ERROR(check_types_in_attribute_values(operation_->shape, body));
  }
  return result;
}

Timestamp OperationExchange::wall_time() const {
  const Clock* const wall = parts_.settings.wall;
  return wall != nullptr ? wall->now() : parts_.clock.now();
}

// `text` is the body without its codings.
ApiResult<void> OperationExchange::run(OperationContext& context, std::string_view text, std::string* out) {
  // Its buffers serve one request after the other.
  thread_local json::Document document;
  std::optional<json::Value> body;
  if (!text.empty()) {
    auto parsed = document.parse(text);
    if (!parsed.has_value()) return fail(serialization());
    body = *parsed;
  }
  if (operation_ == nullptr) return fail(ApiError(ErrorType::kUnknownOperation, {}));
  ASSIGN_OR_RETURN(context.owner, authorize(head_, body_, parts_.settings, wall_time()));
  if (!body) return fail(serialization());
  RETURN_IF_ERROR(check_types(operation_->shape, *body));
  auto result = check_constraints(operation_->shape, *body);
  if (result.has_value()) result = operation_->run(Input(*body), context, out);
  if (!result.has_value()) return wrong_type_first(*body, std::move(result));
  return {};
}

http::Response OperationExchange::refusal(const ApiError& error) {
  if (head_.note != nullptr) {
    head_.note->error = short_name(error.type);
    if (error.type == ErrorType::kNotImplemented) head_.note->reason = error.message;
  }
  return answers_.respond(traits_of(error.type).http_status, content_type_, render_error(error));
}

void OperationExchange::describe(const http::Response& answer, std::string_view text) {
  http::RequestNote* const note = head_.note;
  if (note == nullptr || !http::is_told(answer.status)) return;
  note_answer(head_, answer);
  if (operation_ == nullptr) note->add("target", head_.headers.find("X-Amz-Target").value_or(""));
  add_resources(text, note);
}

// Nobody knows how large the text of a compressed body is. It may take what is free for every request, then
// more and more.
Result<std::string, http::Response> OperationExchange::decode() {
  for (std::size_t bytes_max = BodyShare::kFreeBytes;; bytes_max *= 16) {
    bytes_max = std::min<std::size_t>(bytes_max, kBodyBytesMax);
    if (bytes_max > BodyShare::kFreeBytes && !body_share_.grow_to(body_.size() + bytes_max)) {
      return fail(refusal(too_many_bodies()));
    }
    auto text = decode_body(body_, codings_, bytes_max);
    if (text) return *std::move(text);
    if (text.error() == DecodeFailure::kBad) return fail(refusal(undecodable(codings_)));
    if (bytes_max == kBodyBytesMax) return fail(answers_.too_large());
  }
}

http::Response OperationExchange::finish() {
  Result<std::string, http::Response> decoded;
  if (!codings_.empty()) decoded = decode();
  const std::string_view text = codings_.empty() ? std::string_view(body_)
                                : decoded        ? std::string_view(*decoded)
                                                 : std::string_view();
  http::Response response = decoded ? carry_out(text) : std::move(decoded).error();
  describe(response, text);
  return response;
}

http::Response OperationExchange::carry_out(std::string_view text) {
  OperationContext context{.engine = parts_.engine,
                           .transfers = parts_.transfers,
                           .owner = {},
                           .operation = operation_ == nullptr ? std::string_view() : operation_->name,
                           .clock = parts_.clock,
                           .random = parts_.random,
                           .settings = parts_.settings,
                           .host = head_.headers.find("Host").value_or("")};
  std::string answer;
  if (const auto result = run(context, text, &answer); !result) return refusal(result.error());
  return answers_.respond(200, content_type_, std::move(answer));
}

}  // namespace

DynamoDbService::DynamoDbService(storage::Engine& engine, Settings settings, Clock& clock, Random& random,
                                 transfer::Transfers* transfers)
    : engine_(engine), settings_(std::move(settings)), clock_(clock), random_(random), transfers_(transfers) {
  all_operations();  // built now, not within the first request
}

Result<std::unique_ptr<http::Exchange>, http::Response> DynamoDbService::begin(http::RequestHead head) {
  if (head.note != nullptr) head.note->service = "dynamodb";
  const bool has_origin = head.headers.find("Origin").has_value();
  const JsonAnswers answers(random_, has_origin, answer_coding(head, settings_.compress_answers));
  if (head.content_length && *head.content_length > kBodyBytesMax) return fail(answers.too_large());
  const auto fixed = [&](http::Response response) {
    note_unnamed(head, response);
    return fixed_exchange(answers, std::move(response), kBodyBytesMax);
  };
  if (has_origin && head.method == "OPTIONS") return fixed(answers.preflight(head.headers));
  if (head.method == "GET") {
    return fixed(
        answers.respond(200, "text/plain", "healthy: dynamodb." + settings_.region + ".amazonaws.com "));
  }
  const auto content_type = json_type(head.headers, kJsonTypes);
  if (head.method != "POST" || !content_type) {
    return fixed(answers.respond(404, {}, "<UnknownOperationException/>\n"));
  }
  const Parts parts{.engine = engine_,
                    .transfers = transfers_,
                    .settings = settings_,
                    .clock = clock_,
                    .random = random_,
                    .bodies = bodies_};
  return std::make_unique<OperationExchange>(parts, std::move(head), *content_type, answers);
}

}  // namespace tidemark::api
