#include "api/logs/logs_service.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "api/core/constraints.h"
#include "api/core/type_check.h"
#include "api/front/authorization.h"
#include "api/front/content_coding.h"
#include "api/front/json_protocol.h"
#include "api/logs/logs.h"
#include "base/json.h"
#include "base/release_memory.h"
#include "base/request_note.h"

namespace tidemark::api {
namespace {

constexpr std::string_view kJsonType = "application/x-amz-json-1.1";
constexpr std::size_t kLogsBodyBytesMax = 1 << 20;

const std::vector<Operation>& log_operations() {
  static const std::vector<Operation> operations = [] {
    std::vector<Operation> all;
    all.push_back(describe_log_groups());
    all.push_back(describe_log_streams());
    all.push_back(get_log_events());
    all.push_back(filter_log_events());
    return all;
  }();
  return operations;
}

const Operation* find_log_operation(std::string_view target) {
  if (!target.starts_with(kLogsTarget)) return nullptr;
  const auto& operations = log_operations();
  const auto found = std::ranges::find(operations, target.substr(kLogsTarget.size()), &Operation::name);
  return found == operations.end() ? nullptr : &*found;
}

// This service's words for it.
std::string_view type_name(ErrorType type) {
  return type == ErrorType::kValidation ? "InvalidParameterException" : short_name(type);
}

class LogsExchange final : public http::Exchange {
 public:
  struct Parts {
    storage::Engine& engine;
    const Settings& settings;
    Clock& clock;
    Random& random;
    transfer::Transfers& transfers;
  };

  LogsExchange(const Parts& parts, http::RequestHead head, const JsonAnswers& answers)
      : parts_(parts),
        head_(std::move(head)),
        answers_(answers),
        operation_(find_log_operation(head_.headers.find("X-Amz-Target").value_or(""))) {
    if (head_.note != nullptr && operation_ != nullptr) head_.note->operation = operation_->name;
  }

  Result<void, http::Response> write(std::string_view bytes) override {
    if (body_.size() + bytes.size() > kLogsBodyBytesMax) return fail(answers_.too_large());
    body_.append(bytes);
    return {};
  }

  http::Response finish() override {
    std::string answer;
    const auto done = run(&answer);
    return done ? respond(200, std::move(answer)) : refuse(done.error());
  }

  http::Response give_up() override {
    release_memory(&body_);
    return refuse({ErrorType::kServiceUnavailable, kTooManyRequests});
  }

  [[nodiscard]] bool is_quick() const override { return false; }
  [[nodiscard]] bool is_heavy() const override {
    return operation_ != nullptr && operation_->cost == Cost::kHeavy;
  }
  [[nodiscard]] std::uint64_t held_bytes() const override { return body_.capacity(); }

 private:
  ApiResult<void> run(std::string* answer) {
    const Clock& wall = parts_.settings.wall != nullptr ? *parts_.settings.wall : parts_.clock;
    ASSIGN_OR_RETURN(auto owner, authorize(head_, body_, parts_.settings, wall.now(), "logs"));
    if (operation_ == nullptr) {
      return fail(
          not_implemented_error("Of CloudWatch Logs Tidemark has what reads the error logs of imports"));
    }
    json::Document document;
    const auto body = document.parse(body_);
    if (!body) return fail(serialization());
    RETURN_IF_ERROR(check_types(operation_->shape, *body));
    RETURN_IF_ERROR(check_constraints(operation_->shape, *body, model::Wording::kClassic));
    OperationContext context{.engine = parts_.engine,
                             .transfers = &parts_.transfers,
                             .owner = std::move(owner),
                             .operation = operation_->name,
                             .clock = parts_.clock,
                             .random = parts_.random,
                             .settings = parts_.settings,
                             .host = head_.headers.find("Host").value_or("")};
    return operation_->run(Input(*body), context, answer);
  }

  http::Response refuse(const ApiError& error) {
    if (head_.note != nullptr) head_.note->error = type_name(error.type);
    std::string body;
    JsonWriter json(&body);
    json.begin_object();
    json.member("__type", type_name(error.type));
    if (!error.message.empty()) json.member("message", error.message);
    json.end_object();
    return respond(traits_of(error.type).http_status, std::move(body));
  }

  http::Response respond(int status, std::string body) {
    http::Response response = answers_.respond(status, kJsonType, std::move(body));
    note_answer(head_, response);
    return response;
  }

  const Parts parts_;
  const http::RequestHead head_;
  const JsonAnswers answers_;
  const Operation* const operation_;
  std::string body_;
};

}  // namespace

LogsService::LogsService(storage::Engine& engine, Settings settings, Clock& clock, Random& random,
                         transfer::Transfers& transfers)
    : engine_(engine),
      settings_(std::move(settings)),
      clock_(clock),
      random_(random),
      transfers_(transfers) {}

Result<std::unique_ptr<http::Exchange>, http::Response> LogsService::begin(http::RequestHead head) {
  if (head.note != nullptr) head.note->service = "logs";
  const bool has_origin = head.headers.find("Origin").has_value();
  const JsonAnswers answers(random_, has_origin, answer_coding(head, settings_.compress_answers));
  if (head.content_length && *head.content_length > kLogsBodyBytesMax) return fail(answers.too_large());
  const LogsExchange::Parts parts{engine_, settings_, clock_, random_, transfers_};
  return std::make_unique<LogsExchange>(parts, std::move(head), answers);
}

}  // namespace tidemark::api
