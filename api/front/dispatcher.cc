#include "api/front/dispatcher.h"
#include "api/front/account_limits.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "api/core/capacity_meter.h"
#include "api/core/constraints.h"
#include "api/core/deferred_commit.h"
#include "api/core/past.h"
#include "api/core/type_check.h"
#include "api/front/authorization.h"
#include "api/front/content_coding.h"
#include "api/front/json_protocol.h"
#include "api/front/registry.h"
#include "api/front/resources.h"
#include "base/body_buffer.h"
#include "base/check.h"
#include "base/json.h"
#include "base/request_note.h"

namespace tidemark::api {
namespace {

constexpr std::array<std::string_view, 3> kJsonTypes = {"application/x-amz-json-1.0",
                                                        "application/x-amz-json-1.1", "application/json"};

ApiError too_many_bodies() {
  return {ErrorType::kServiceUnavailable,
          "The server is receiving too many large requests at once. Please try again later."};
}

ApiError undecodable(const std::string& codings) {
  return {ErrorType::kInternalServerError,
          "The body cannot be decoded as its Content-Encoding says: " + codings.substr(0, 100)};
}

struct ServiceParts {
  storage::Engine& engine;
  transfer::Transfers* transfers;
  timetravel::TimeTravel* time_travel;
  const Settings& settings;
  const AccountLimits& limits;
  Clock& clock;
  Random& random;
};

class OperationExchange final : public http::Exchange {
 public:
  OperationExchange(const ServiceParts& parts, http::RequestHead head, std::string_view content_type,
                    const JsonAnswers& answers)
      : parts_(parts),
        head_(std::move(head)),
        content_type_(content_type),
        answers_(answers),
        codings_(content_encoding_of(head_.headers)) {
    if (const auto target = head_.headers.find("X-Amz-Target"))
      operation_ = find_operation(*target, parts_.settings.extensions);
    if (head_.note != nullptr && operation_ != nullptr) head_.note->operation = operation_->name;
    // What a head announces is trusted with little memory only.
    if (head_.content_length) received_.reserve(std::min(*head_.content_length, kNamelessBodyBytesMax));
  }

  Result<void, http::Response> write(std::string_view bytes) override;
  [[nodiscard]] bool is_quick() const override;
  [[nodiscard]] bool is_heavy() const override;
  [[nodiscard]] std::uint64_t held_bytes() const override {
    return body_.capacity() + received_.held_bytes();
  }
  // Anybody may write somebody's name into a head: what is signed is the body, too.
  [[nodiscard]] bool is_known() const override {
    if (parts_.settings.authority->is_strict()) return is_proven_;
    return has_named_itself_ || authorize_head(head_, parts_.settings, wall_time()).has_value();
  }
  http::Response give_up() override;
  std::optional<http::Response> finish_quickly() override { return deferred_ ? settle() : finish_on(true); }
  [[nodiscard]] bool is_waiting() const override { return deferred_ != nullptr; }
  void when_ready(MoveOnlyFunction<void()> ready) override { deferred_->when_done(std::move(ready)); }
  http::Response finish() override { return *finish_on(false); }

 private:
  [[nodiscard]] std::size_t body_bytes() const { return body_.size() + received_.size(); }
  // Nothing when it takes too long for a network thread.
  std::optional<http::Response> finish_on(bool network_thread);
  // What the outcome of the deferred commit makes of the answer; nothing when the request is to be carried
  // out anew, on another thread.
  std::optional<http::Response> settle();
  // Leaves the body without its codings in `*decoded` when it has some.
  std::optional<http::Response> carry_out(bool network_thread, std::string* decoded);
  ApiResult<storage::Owner> identify(json::Document* document);
  ApiResult<void> run(std::string_view text, json::Document* document, OperationContext& context,
                      std::string* out);
  [[nodiscard]] Result<std::string, http::Response> decode();
  [[nodiscard]] Timestamp wall_time() const;
  [[nodiscard]] ApiResult<void> wrong_type_first(json::Value body, ApiResult<void> result) const;
  http::Response refusal(const ApiError& error);
  // Fills in the note for the line of the log, if there is to be one.
  void describe(const http::Response& answer, std::string_view text);

  ServiceParts parts_;
  http::RequestHead head_;
  std::string_view content_type_;
  const JsonAnswers answers_;
  const std::string codings_;  // of the body
  const Operation* operation_ = nullptr;
  BodyBuffer received_;
  std::string body_;  // what was received, as sent, from the first finish() on
  bool has_named_itself_ = false;
  bool is_proven_ = false;  // by its signature
  std::shared_ptr<DeferredCommit> deferred_;
  std::optional<http::Response> held_back_;  // the answer, if the deferred commit succeeds
};

Result<void, http::Response> OperationExchange::write(std::string_view bytes) {
  const std::size_t size = received_.size() + bytes.size();
  if (size > kBodyBytesMax) return fail(answers_.too_large());
  if (size > kNamelessBodyBytesMax && !has_named_itself_) {
    if (const auto named = authorize_head(head_, parts_.settings, wall_time()); !named) {
      http::Response response = refusal(named.error());
      describe(response, {});
      return fail(std::move(response));
    }
    has_named_itself_ = true;
  }
  received_.append(bytes);
  return {};
}

http::Response OperationExchange::give_up() {
  http::Response response = refusal(too_many_bodies());
  describe(response, {});
  return response;
}

bool OperationExchange::is_quick() const {
  // Large bodies take their time to parse, whatever is asked.
  static constexpr std::size_t kQuickBodyBytesMax = 64 << 10;
  if (!codings_.empty() || answers_.may_compress()) return false;
  if (head_.headers.find(kAsOfHeader)) return false;  // the past lies in files
  if (operation_ == nullptr) return true;
  if (body_bytes() > kQuickBodyBytesMax) return false;
  return operation_->cost == Cost::kQuickRead || operation_->cost == Cost::kOneWrite ||
         (operation_->cost == Cost::kQuickWrite && !parts_.settings.sync_writes);
}

bool OperationExchange::is_heavy() const {
  // Parsing may take ten times the memory, and nobody knows how much there is in a compressed body.
  static constexpr std::size_t kHeavyBodyBytes = 1 << 20;
  if (body_bytes() > kHeavyBodyBytes || !codings_.empty()) return true;
  return operation_ != nullptr && operation_->cost == Cost::kHeavy;
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

// What is wrong with the caller or the target. The service says first what is wrong with the JSON; bodies of
// nobody are parsed to that end when they are small.
ApiResult<storage::Owner> OperationExchange::identify(json::Document* document) {
  const auto judged = [&]() -> ApiResult<storage::Owner> {
    if (operation_ == nullptr) return fail(ApiError(ErrorType::kUnknownOperation, {}));
    return authorize(head_, body_, parts_.settings, wall_time());
  };
  auto owner = judged();
  is_proven_ = owner.has_value();
  const bool is_looked_at = !body_.empty() && body_.size() <= kNamelessBodyBytesMax && codings_.empty();
  if (!owner && is_looked_at && !document->parse(body_)) return fail(serialization());
  return owner;
}

// `text` is the body without its codings.
ApiResult<void> OperationExchange::run(std::string_view text, json::Document* document,
                                       OperationContext& context, std::string* out) {
  if (text.empty()) return fail(serialization());
  const auto parsed = document->parse(text);
  if (!parsed) return fail(serialization());
  const json::Value body = *parsed;
  if (const auto moment = head_.headers.find(kAsOfHeader)) {
    ASSIGN_OR_RETURN(context.as_of, moment_of(*moment, *operation_));
  }
  RETURN_IF_ERROR(check_types(operation_->shape, body));
  const model::Wording wording = parts_.settings.wording;
  const Layer layer = wording == model::Wording::kCurrent ? operation_->layer : Layer::kOlder;
  auto result = check_constraints(operation_->shape, body, wording);
  if (result && parts_.limits.any()) {
    result = check_account_limits(*operation_, body, parts_.limits, context);
  }
  if (result) result = operation_->run(Input(body, layer), context, out);
  if (!result) return wrong_type_first(body, std::move(result));
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

Result<std::string, http::Response> OperationExchange::decode() {
  auto text = decode_body(body_, codings_, kBodyBytesMax);
  if (text) return *std::move(text);
  if (text.error() == DecodeFailure::kTooLarge) return fail(answers_.too_large());
  return fail(refusal(undecodable(codings_)));
}

std::optional<http::Response> OperationExchange::finish_on(bool network_thread) {
  if (body_.empty()) body_ = received_.take();
  std::string decoded;
  auto response = carry_out(network_thread, &decoded);
  if (response) describe(*response, codings_.empty() ? body_ : decoded);
  return response;
}

std::optional<http::Response> OperationExchange::carry_out(bool network_thread, std::string* decoded) {
  // Its buffers serve one request after the other.
  thread_local json::Document document;
  auto owner = identify(&document);
  if (!owner) return refusal(owner.error());
  if (!codings_.empty()) {
    auto text = decode();
    if (!text) return std::move(text).error();
    *decoded = *std::move(text);
  }
  OperationContext context{
      .engine = parts_.engine,
      .transfers = parts_.transfers,
      .time_travel = parts_.time_travel,
      .owner = *std::move(owner),
      .operation = operation_->name,
      .clock = parts_.clock,
      .random = parts_.random,
      .settings = parts_.settings,
      .host = head_.headers.find("Host").value_or(""),
      .head = &head_,
      .body = codings_.empty() ? body_ : *decoded,
      .is_on_network_thread = network_thread,
      .defers_commit = network_thread && parts_.settings.sync_writes && operation_->cost == Cost::kOneWrite};
  std::string answer;
  const MeterScope behalf(operation_->name, label_of(head_.headers), parts_.engine.catalog());
  const auto result = run(context.body, &document, context, &answer);
  document.shrink();
  if (context.takes_long) return std::nullopt;
  if (!result) return refusal(result.error());
  auto response = answers_.respond(200, content_type_, std::move(answer));
  if (!context.deferred) return response;
  deferred_ = std::move(context.deferred);
  held_back_ = std::move(response);
  return std::nullopt;
}

std::optional<http::Response> OperationExchange::settle() {
  const auto deferred = std::exchange(deferred_, nullptr);
  auto response = std::exchange(held_back_, std::nullopt);
  const auto outcome = deferred->outcome();
  INVARIANT(outcome);
  if (!*outcome) {
    // The table changed between the write and its commit, which happens once in a blue moon.
    if (outcome->error().code == ErrorCode::kConflict) return std::nullopt;
    response = refusal(commit_error(outcome->error()));
  }
  describe(*response, body_);
  return response;
}

}  // namespace

DynamoDbService::DynamoDbService(storage::Engine& engine, Settings settings, Clock& clock, Random& random,
                                 transfer::Transfers* transfers, timetravel::TimeTravel* time_travel)
    : engine_(engine),
      settings_(std::move(settings)),
      clock_(clock),
      random_(random),
      transfers_(transfers),
      time_travel_(time_travel) {
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
  // What load balancers ask; there is nothing else to be had with GET.
  if (head.method == "GET" && head.path() == "/") {
    return fixed(
        answers.respond(200, "text/plain", "healthy: dynamodb." + settings_.region + ".amazonaws.com "));
  }
  const auto content_type = json_type(head.headers, kJsonTypes);
  if (head.method != "POST" || !content_type) {
    if (head.note != nullptr) head.note->error = "UnknownOperationException";
    return fixed(answers.respond(404, {}, "<UnknownOperationException/>\n"));
  }
  const ServiceParts parts{.engine = engine_,
                           .transfers = transfers_,
                           .time_travel = time_travel_,
                           .settings = settings_,
                           .limits = limits_,
                           .clock = clock_,
                           .random = random_};
  return std::make_unique<OperationExchange>(parts, std::move(head), *content_type, answers);
}

}  // namespace tidemark::api
