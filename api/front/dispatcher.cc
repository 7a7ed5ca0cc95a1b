#include "api/front/dispatcher.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "api/core/constraints.h"
#include "api/core/type_check.h"
#include "api/front/authorization.h"
#include "api/front/body_budget.h"
#include "api/front/json_protocol.h"
#include "api/front/registry.h"
#include "api/front/resources.h"
#include "base/json.h"
#include "base/request_note.h"

namespace tidemark::api {
namespace {

constexpr std::array<std::string_view, 2> kJsonTypes = {"application/x-amz-json-1.0", "application/json"};

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
                    bool has_origin)
      : parts_(parts),
        head_(std::move(head)),
        content_type_(content_type),
        body_share_(parts.bodies),
        answers_(parts.random, has_origin) {
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
  ApiResult<void> run(OperationContext& context, std::string* out);
  [[nodiscard]] Timestamp wall_time() const;
  [[nodiscard]] ApiResult<void> wrong_type_first(json::Value body, ApiResult<void> result) const;
  http::Response carry_out();
  http::Response refusal(const ApiError& error);
  // Fills in the note for the line of the log, if there is to be one.
  void describe(const http::Response& answer);

  Parts parts_;
  http::RequestHead head_;
  std::string_view content_type_;
  BodyShare body_share_;
  JsonAnswers answers_;
  const Operation* operation_ = nullptr;
  std::string body_;
};

Result<void, http::Response> OperationExchange::write(std::string_view bytes) {
  const std::size_t size = body_.size() + bytes.size();
  if (size > kBodyBytesMax) return fail(too_large());
  if (!body_share_.grow_to(size)) {
    http::Response response =
        refusal(ApiError(ErrorType::kServiceUnavailable,
                         "The server is receiving too many large requests at once. Please try again later."));
    describe(response);
    return fail(std::move(response));
  }
  body_.append(bytes);
  return {};
}

bool OperationExchange::is_quick() const {
  // Large bodies take their time to parse, whatever is asked.
  static constexpr std::size_t kQuickBodyBytesMax = 64 << 10;
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

ApiResult<void> OperationExchange::run(OperationContext& context, std::string* out) {
  // Its buffers serve one request after the other.
  thread_local json::Document document;
  std::optional<json::Value> body;
  if (!body_.empty()) {
    auto parsed = document.parse(body_);
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

void OperationExchange::describe(const http::Response& answer) {
  http::RequestNote* const note = head_.note;
  if (note == nullptr || !http::is_told(answer.status)) return;
  note_answer(head_, answer);
  if (operation_ == nullptr) note->add("target", head_.headers.find("X-Amz-Target").value_or(""));
  add_resources(body_, note);
}

http::Response OperationExchange::finish() {
  http::Response response = carry_out();
  describe(response);
  return response;
}

http::Response OperationExchange::carry_out() {
  OperationContext context{.engine = parts_.engine,
                           .transfers = parts_.transfers,
                           .owner = {},
                           .operation = operation_ == nullptr ? std::string_view() : operation_->name,
                           .clock = parts_.clock,
                           .random = parts_.random,
                           .settings = parts_.settings,
                           .host = head_.headers.find("Host").value_or(""),
                           .after_render = {}};
  std::string body;
  if (const auto result = run(context, &body); !result) return refusal(result.error());
  for (const auto& action : context.after_render) action();
  return answers_.respond(200, content_type_, std::move(body));
}

}  // namespace

DynamoDbService::DynamoDbService(storage::Engine& engine, Settings settings, Clock& clock, Random& random,
                                 transfer::Transfers* transfers)
    : engine_(engine), settings_(std::move(settings)), clock_(clock), random_(random), transfers_(transfers) {
  all_operations();  // built now, not within the first request
}

Result<std::unique_ptr<http::Exchange>, http::Response> DynamoDbService::begin(http::RequestHead head) {
  if (head.note != nullptr) head.note->service = "dynamodb";
  if (head.content_length && *head.content_length > kBodyBytesMax) return fail(too_large());
  const bool has_origin = head.headers.find("Origin").has_value();
  const JsonAnswers answers(random_, has_origin);
  const auto fixed = [&](http::Response response) {
    note_unnamed(head, response);
    return fixed_exchange(std::move(response), kBodyBytesMax);
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
  return std::make_unique<OperationExchange>(parts, std::move(head), *content_type, has_origin);
}

}  // namespace tidemark::api
