#include "api/front/operation_list.h"

#include <algorithm>
#include <string_view>

#include "api/front/registry.h"
#include "base/check.h"
#include "base/json_writer.h"

namespace tidemark::api {
namespace {

std::string_view support_name(Support support) {
  return support == Support::kWhole ? "works" : "kept without effect";
}

std::string_view service_of(std::string_view operation) {
  const auto& all = all_operations();
  const auto found = std::ranges::find(all, operation, &Operation::name);
  INVARIANT(found != all.end());
  return found->service == ServiceKind::kStreams ? "DynamoDBStreams_20120810" : "DynamoDB_20120810";
}

void pad(std::string* line, std::size_t width) { line->resize(std::max(width, line->size() + 2), ' '); }

}  // namespace

std::string operation_list_text() {
  static constexpr std::size_t kFamilyColumn = 42;
  static constexpr std::size_t kSupportColumn = 66;
  std::string text;
  for (const OperationFamily& family : operation_families()) {
    for (const OperationLine& operation : family.operations) {
      std::string line(operation.name);
      pad(&line, kFamilyColumn);
      line += family.name;
      pad(&line, kSupportColumn);
      line += support_name(operation.support);
      text += line + '\n';
    }
  }
  return text;
}

std::string operation_list_json() {
  std::string text;
  JsonWriter json(&text);
  json.begin_array();
  for (const OperationFamily& family : operation_families()) {
    for (const OperationLine& operation : family.operations) {
      json.begin_object();
      json.member("name", operation.name);
      json.member("service", service_of(operation.name));
      json.member("family", family.name);
      json.member("support", support_name(operation.support));
      json.end_object();
    }
  }
  json.end_array();
  return text + '\n';
}

std::string operation_list_markdown() {
  std::string text = "| | operations | |\n| --- | --- | --- |\n";
  for (const OperationFamily& family : operation_families()) {
    text += "| " + std::string(family.name) + " | ";
    for (const OperationLine& operation : family.operations) {
      if (&operation != &family.operations.front()) text += ", ";
      text += operation.name;
    }
    text += " | " + std::string(family.note);
    if (!family.document.empty()) {
      text += (family.note.empty() ? "" : "; ") + ("`" + std::string(family.document) + "`");
    }
    text += " |\n";
  }
  return text;
}

}  // namespace tidemark::api
