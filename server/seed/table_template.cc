#include "server/seed/table_template.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/json_writer.h"
#include "base/text.h"

namespace tidemark::server {
namespace {

using yaml::Node;

// What CloudFormation calls a number or a truth. It takes texts for both.
constexpr std::array<std::string_view, 7> kNumbers = {
    "ReadCapacityUnits",  "WriteCapacityUnits",  "MaxReadRequestUnits", "MaxWriteRequestUnits",
    "ReadUnitsPerSecond", "WriteUnitsPerSecond", "RecoveryPeriodInDays"};
constexpr std::array<std::string_view, 5> kTruths = {
    "Enabled", "SSEEnabled", "StreamEnabled", "DeletionProtectionEnabled", "PointInTimeRecoveryEnabled"};
// Those of a table that CreateTable takes as they are.
constexpr std::array<std::string_view, 12> kTaken = {"AttributeDefinitions",
                                                     "BillingMode",
                                                     "DeletionProtectionEnabled",
                                                     "GlobalSecondaryIndexes",
                                                     "KeySchema",
                                                     "LocalSecondaryIndexes",
                                                     "OnDemandThroughput",
                                                     "ProvisionedThroughput",
                                                     "TableClass",
                                                     "Tags",
                                                     "WarmThroughput",
                                                     "TableName"};
// Those that change nothing of what a table holds or answers here.
constexpr std::array<std::string_view, 5> kWithoutEffect = {
    "ContributorInsightsSpecification", "ImportSourceSpecification", "KinesisStreamSpecification",
    "ResourcePolicy", "ReadOnDemandThroughputSettings"};
constexpr std::string_view kTable = "AWS::DynamoDB::Table";
constexpr std::string_view kGlobalTable = "AWS::DynamoDB::GlobalTable";
constexpr std::string_view kSimpleTable = "AWS::Serverless::SimpleTable";
constexpr std::string_view kNoValue = "AWS::NoValue";

bool is_among(const auto& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// `Sub` of `!Sub` and of `{"Fn::Sub": …}`, with its argument; nothing: no function.
struct Function {
  std::string name;
  const Node* argument = nullptr;  // without a tag that counts
};
std::optional<Function> function_of(const Node& node) {
  if (node.tag.starts_with("!") && !node.tag.starts_with("!!")) return Function{node.tag.substr(1), &node};
  if (!node.is_mapping() || node.members.size() != 1) return std::nullopt;
  const auto& [name, argument] = node.members.front();
  if (name == "Ref" || name == "Condition") return Function{name, &argument};
  static constexpr std::string_view kPrefix = "Fn::";
  if (!name.starts_with(kPrefix)) return std::nullopt;
  return Function{name.substr(kPrefix.size()), &argument};
}

class Template {
 public:
  Template(const Node& root, const std::string& file_name, const TemplateValues& values)
      : root_(root), file_name_(file_name), values_(values) {}

  Result<std::vector<TemplateTable>> tables() {
    std::vector<TemplateTable> tables;
    const Node* const resources = root_.find("Resources");
    if (resources == nullptr || !resources->is_mapping()) return tables;
    for (const auto& [id, resource] : resources->members) {
      const Node* const type = resource.find("Type");
      if (type == nullptr) continue;
      if (type->text == kGlobalTable) {
        return fail(at(
            *type,
            id + " is an AWS::DynamoDB::GlobalTable, which is not supported: write an AWS::DynamoDB::Table"));
      }
      if (type->text != kTable && type->text != kSimpleTable) continue;
      if (const Node* const condition = resource.find("Condition")) {
        return fail(
            at(*condition, "the Condition of " + id + " is not supported: leave it out for the seed"));
      }
      ASSIGN_OR_RETURN(TemplateTable table,
                       type->text == kTable ? this->table(id, resource) : simple_table(id, resource));
      tables.push_back(std::move(table));
    }
    return tables;
  }

 private:
  [[nodiscard]] Error at(const Node& node, const std::string& what) const {
    return yaml::error_at(file_name_, node.line, what);
  }

  // The text of a scalar, with what functions make of it. Nothing: AWS::NoValue.
  Result<std::optional<std::string>> text(const Node& node, int depth = 0) const {
    constexpr int kDepthMax = 20;
    if (depth > kDepthMax) return fail(at(node, "the references go round in a circle"));
    const auto function = function_of(node);
    if (!function) {
      if (!node.is_scalar()) return fail(at(node, "a text is expected"));
      if (node.text.find("${self:") != std::string::npos || node.text.find("${opt:") != std::string::npos ||
          node.text.find("${sls:") != std::string::npos || node.text.find("${env:") != std::string::npos) {
        return fail(at(node, "variables of the Serverless Framework are not supported: " + node.text));
      }
      return std::optional(node.text);
    }
    if (function->name == "Ref") return reference(node, function->argument->text, depth);
    if (function->name == "Sub") return substitute(*function->argument, depth);
    if (function->name == "Join") return join(*function->argument, depth);
    return fail(at(node, "the function " + function->name + " is not supported; Ref, Sub and Join are"));
  }

  Result<std::optional<std::string>> reference(const Node& node, const std::string& name, int depth) const {
    if (name == kNoValue) return std::optional<std::string>();
    const std::map<std::string_view, std::string> pseudo = {{"AWS::Region", values_.region},
                                                            {"AWS::AccountId", values_.account_id},
                                                            {"AWS::StackName", values_.stack_name},
                                                            {"AWS::Partition", "aws"},
                                                            {"AWS::URLSuffix", "amazonaws.com"}};
    if (const auto found = pseudo.find(name); found != pseudo.end()) return std::optional(found->second);
    if (const auto given = values_.parameters.find(name); given != values_.parameters.end()) {
      return std::optional(given->second);
    }
    const Node* const parameters = root_.find("Parameters");
    if (const Node* const parameter = parameters == nullptr ? nullptr : parameters->find(name)) {
      const Node* const value = parameter->find("Default");
      if (value != nullptr && value->is_scalar()) return std::optional(value->text);
      return fail(at(node, "the parameter " + name + " has no Default: give --parameter " + name + "=VALUE"));
    }
    const Node* const resource = root_.find("Resources")->find(name);
    const Node* const type = resource == nullptr ? nullptr : resource->find("Type");
    if (type != nullptr && (type->text == kTable || type->text == kSimpleTable)) {
      const Node* const properties = resource->find("Properties");
      const Node* const table_name = properties == nullptr ? nullptr : properties->find("TableName");
      return table_name == nullptr ? std::optional(name) : text(*table_name, depth + 1);
    }
    return fail(at(node, "there is no parameter and no table " + name));
  }

  // `"${Stage}-orders"`, or that with a mapping of further names.
  Result<std::optional<std::string>> substitute(const Node& argument, int depth) const {
    const bool has_names = argument.is_sequence() && argument.elements.size() == 2;
    if (!argument.is_scalar() && !has_names)
      return fail(at(argument, "Sub needs a text, or a text and a mapping"));
    const std::string& pattern = has_names ? argument.elements[0].text : argument.text;
    std::string out;
    for (std::size_t position = 0; position < pattern.size();) {
      const std::size_t begin = std::min(pattern.find("${", position), pattern.size());
      out.append(pattern, position, begin - position);
      if (begin == pattern.size()) break;
      const std::size_t end = pattern.find('}', begin);
      if (end == std::string::npos) return fail(at(argument, "Sub: a ${ is not closed"));
      const std::string name = pattern.substr(begin + 2, end - begin - 2);
      position = end + 1;
      if (name.starts_with('!')) {  // stands for itself
        out += "${" + name.substr(1) + "}";
        continue;
      }
      const Node* const further = has_names ? argument.elements[1].find(name) : nullptr;
      if (further == nullptr && name.find('.') != std::string::npos) {
        return fail(at(argument, "Sub: attributes of resources are not supported: " + name));
      }
      ASSIGN_OR_RETURN(const auto value,
                       further != nullptr ? text(*further, depth + 1) : reference(argument, name, depth + 1));
      out += value.value_or("");
    }
    return std::optional(std::move(out));
  }

  Result<std::optional<std::string>> join(const Node& argument, int depth) const {
    if (!argument.is_sequence() || argument.elements.size() != 2 || !argument.elements[1].is_sequence()) {
      return fail(at(argument, "Join needs a delimiter and a list"));
    }
    std::string out;
    bool is_first = true;
    for (const Node& element : argument.elements[1].elements) {
      ASSIGN_OR_RETURN(const auto part, text(element, depth + 1));
      if (!part) continue;
      if (!std::exchange(is_first, false)) out += argument.elements[0].text;
      out += *part;
    }
    return std::optional(std::move(out));
  }

  // Writes a property; AWS::NoValue leaves it out.
  Result<void> write_member(const std::string& name, const Node& node, JsonWriter& json) const {
    const auto function = function_of(node);
    if (!function && node.is_mapping()) {
      json.key(name);
      return write_members(node, json);
    }
    if (!function && node.is_sequence()) {
      json.key(name);
      json.begin_array();
      for (const Node& element : node.elements) RETURN_IF_ERROR(write_element(element, json));
      json.end_array();
      return {};
    }
    ASSIGN_OR_RETURN(const auto value, text(node));
    if (!value) return {};
    json.key(name);
    if (is_among(kNumbers, name)) {
      if (value->empty() || !all_digits(*value) || value->size() > 15) {
        return fail(at(node, name + " must be a whole number, not '" + *value + "'"));
      }
      json.number(std::stoll(*value));
    } else if (is_among(kTruths, name)) {
      if (*value != "true" && *value != "false") {
        return fail(at(node, name + " must be true or false, not '" + *value + "'"));
      }
      json.boolean(*value == "true");
    } else {
      json.string(*value);
    }
    return {};
  }

  Result<void> write_element(const Node& element, JsonWriter& json) const {
    if (element.is_mapping() && !function_of(element)) return write_members(element, json);
    ASSIGN_OR_RETURN(const auto value, text(element));
    if (value) json.string(*value);
    return {};
  }

  Result<void> write_members(const Node& mapping, JsonWriter& json) const {
    json.begin_object();
    for (const auto& [name, member] : mapping.members) {
      if (is_among(kWithoutEffect, name)) continue;  // of an index
      RETURN_IF_ERROR(write_member(name, member, json));
    }
    json.end_object();
    return {};
  }

  Result<TemplateTable> table(const std::string& id, const Node& resource) const {
    const Node* const properties = resource.find("Properties");
    if (properties == nullptr || !properties->is_mapping())
      return fail(at(resource, id + " has no Properties"));
    TemplateTable table{.logical_id = id,
                        .name = id,
                        .create_table = {},
                        .line = resource.line,
                        .ttl_attribute = {},
                        .recovery = {}};
    JsonWriter json(&table.create_table);
    json.begin_object();
    bool has_billing = false;
    for (const auto& [name, value] : properties->members) {
      if (is_among(kWithoutEffect, name)) continue;
      has_billing = has_billing || name == "BillingMode" || name == "ProvisionedThroughput";
      if (name == "TableName") {
        ASSIGN_OR_RETURN(const auto given, text(value));
        table.name = given.value_or(id);
      } else if (name == "StreamSpecification") {
        RETURN_IF_ERROR(write_stream(value, json));
      } else if (name == "SSESpecification") {
        RETURN_IF_ERROR(write_encryption(value, json));
      } else if (name == "TimeToLiveSpecification") {
        RETURN_IF_ERROR(read_ttl(value, &table));
      } else if (name == "PointInTimeRecoverySpecification") {
        JsonWriter specification(&table.recovery.emplace());
        RETURN_IF_ERROR(write_members(value, specification));
      } else if (is_among(kTaken, name)) {
        RETURN_IF_ERROR(write_member(name, value, json));
      } else {
        return fail(at(value, "the property " + name + " of a table is not known"));
      }
    }
    json.member("TableName", table.name);
    // What nobody asked to be provisioned is not.
    if (!has_billing) json.member("BillingMode", "PAY_PER_REQUEST");
    json.end_object();
    return table;
  }

  // CloudFormation has no StreamEnabled: a specification is a stream.
  Result<void> write_stream(const Node& node, JsonWriter& json) const {
    json.key("StreamSpecification");
    json.begin_object();
    json.member("StreamEnabled", true);
    if (const Node* const view = node.find("StreamViewType")) {
      RETURN_IF_ERROR(write_member("StreamViewType", *view, json));
    }
    json.end_object();
    return {};
  }

  Result<void> write_encryption(const Node& node, JsonWriter& json) const {
    json.key("SSESpecification");
    json.begin_object();
    for (const auto& [name, value] : node.members) {
      RETURN_IF_ERROR(write_member(name == "SSEEnabled" ? "Enabled" : name, value, json));
    }
    json.end_object();
    return {};
  }

  Result<void> read_ttl(const Node& node, TemplateTable* table) const {
    const Node* const enabled = node.find("Enabled");
    const Node* const attribute = node.find("AttributeName");
    if (enabled == nullptr) return fail(at(node, "TimeToLiveSpecification needs Enabled"));
    ASSIGN_OR_RETURN(const auto is_enabled, text(*enabled));
    if (is_enabled.value_or(std::string()) != std::string_view("true")) return {};
    if (attribute == nullptr) return fail(at(node, "TimeToLiveSpecification needs AttributeName"));
    ASSIGN_OR_RETURN(table->ttl_attribute, text(*attribute));
    return {};
  }

  // One key, a string `id` unless PrimaryKey says otherwise.
  Result<TemplateTable> simple_table(const std::string& id, const Node& resource) const {
    TemplateTable table{.logical_id = id,
                        .name = id,
                        .create_table = {},
                        .line = resource.line,
                        .ttl_attribute = {},
                        .recovery = {}};
    std::string key = "id", type = "S";
    const Node* const properties = resource.find("Properties");
    if (properties != nullptr) {
      for (const auto& [name, value] : properties->members) {
        if (name == "TableName") {
          ASSIGN_OR_RETURN(const auto given, text(value));
          table.name = given.value_or(id);
        } else if (name == "PrimaryKey") {
          RETURN_IF_ERROR(read_primary_key(value, &key, &type));
        } else if (name != "ProvisionedThroughput" && name != "Tags" && name != "SSESpecification" &&
                   name != "PointInTimeRecoverySpecification") {
          return fail(at(value, "the property " + name + " of a simple table is not known"));
        }
      }
    }
    JsonWriter json(&table.create_table);
    json.begin_object();
    json.member("TableName", table.name);
    json.member("BillingMode", "PAY_PER_REQUEST");
    json.key("AttributeDefinitions");
    json.raw(R"([{"AttributeName":)" + quoted(key) + R"(,"AttributeType":)" + quoted(type) + "}]");
    json.key("KeySchema");
    json.raw(R"([{"AttributeName":)" + quoted(key) + R"(,"KeyType":"HASH"}])");
    json.end_object();
    return table;
  }

  Result<void> read_primary_key(const Node& node, std::string* key, std::string* type) const {
    if (const Node* const name = node.find("Name")) {
      ASSIGN_OR_RETURN(const auto given, text(*name));
      *key = given.value_or(*key);
    }
    const Node* const kind = node.find("Type");
    if (kind == nullptr) return {};
    ASSIGN_OR_RETURN(const auto given, text(*kind));
    for (const auto& [word, letter] : {std::pair{"String", "S"}, {"Number", "N"}, {"Binary", "B"}}) {
      if (given == word) {
        *type = letter;
        return {};
      }
    }
    return fail(at(*kind, "PrimaryKey: Type must be String, Number or Binary"));
  }

  static std::string quoted(std::string_view text) {
    std::string out;
    append_json_string(&out, text);
    return out;
  }

  const Node& root_;
  const std::string& file_name_;
  const TemplateValues& values_;
};

// Where Resources are: the Serverless Framework has them one level down.
const Node* body_of(const Node& root) {
  if (root.find("Resources") != nullptr) return &root;
  const Node* const below = root.find("resources");
  return below != nullptr && below->find("Resources") != nullptr ? below : nullptr;
}

}  // namespace

bool is_template(const Node& root) { return root.is_mapping() && body_of(root) != nullptr; }

Result<std::vector<TemplateTable>> tables_of_template(const Node& root, const std::string& file_name,
                                                      const TemplateValues& values) {
  return Template(*body_of(root), file_name, values).tables();
}

}  // namespace tidemark::server
