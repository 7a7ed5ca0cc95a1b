// Expressions of every kind: the parsers refuse them with words or make something that can be run on an item,
// as text and as a tree with the same outcome.
#include "api/expression/evaluate.h"
#include "api/expression/key_condition.h"
#include "api/expression/projection.h"
#include "api/expression/resolve.h"
#include "api/expression/statement_size.h"
#include "api/expression/update.h"
#include "base/check.h"
#include "model/item.h"
#include "tests/fuzz/input.h"

namespace tidemark::api::expression {
namespace {

constexpr std::string_view kItem =
    R"({"[3]":{"SS":["a","z"]},"a":{"L":[{"N":"1"},{"S":"x"}]},"b":{"N":"3"},"c":{"M":{"b":{"L":[]}}},)"
    R"("pk":{"S":"p"},"sk":{"N":"7"}})";

constexpr std::string_view kNames = R"({"#a":"a","#b":"b","#d":"[3]","#dot":"x.y"})";
constexpr std::string_view kValues =
    R"({":s":{"S":"a"},":n":{"N":"1"},":m":{"N":"2"},":b":{"B":"YQ=="},":bool":{"BOOL":true},)"
    R"(":null":{"NULL":true},":l":{"L":[{"N":"1"}]},":map":{"M":{}},":ss":{"SS":["a","b"]},":ns":{"NS":["1"]}})";

Substitutions fixed_substitutions() {
  json::Document names;
  json::Document values;
  auto parsed = Substitutions::parse(*names.parse(kNames), *values.parse(kValues), model::Wording::kClassic);
  INVARIANT(parsed.has_value());
  return *std::move(parsed);
}

const model::AttributeMap& fixed_item() {
  static const model::AttributeMap item = *model::parse_item(kItem);
  return item;
}

// Errors are the client's: they say what is wrong.
template <class T>
bool succeeded(const ApiResult<T>& result) {
  if (result) return true;
  INVARIANT(result.error().type == ErrorType::kValidation && !result.error().message.empty());
  return false;
}

void try_condition(std::string_view text, ExpressionKind kind) {
  Substitutions substitutions = fixed_substitutions();
  const auto condition = compile_condition(kind, text, substitutions);
  if (!succeeded(condition)) return;
  const bool on_tree = holds(*condition, &fixed_item());
  const auto on_text = holds(*condition, kItem);
  INVARIANT(on_text && *on_text == on_tree);
  (void)holds(*condition, nullptr);
  const auto keys = key_conditions_of(*condition);
  if (!succeeded(keys)) return;
  const model::KeySchema schema{{{"pk", model::KeyType::kString}}, {{"sk", model::KeyType::kNumber}}};
  for (const model::Wording wording : {model::Wording::kClassic, model::Wording::kCurrent}) {
    (void)succeeded(bind(*keys, schema, wording));
  }
}

void try_update(std::string_view text) {
  Substitutions substitutions = fixed_substitutions();
  const auto update = compile_update(text, substitutions);
  if (!succeeded(update)) return;
  INVARIANT(statement_size_bytes(*update) > 0);
  const auto updated = apply_update(*update, fixed_item());
  (void)updated_old(*update, fixed_item());
  if (!succeeded(updated)) return;
  (void)updated_new(*updated);
  const model::Item item = model::make_item(updated->item);
  INVARIANT(model::parse_item(item.text) == updated->item);
}

void try_projection(std::string_view text) {
  Substitutions substitutions = fixed_substitutions();
  const auto projection = compile_projection(text, substitutions);
  if (!succeeded(projection)) return;
  std::string from_text;
  INVARIANT(append_projected(&from_text, *projection, kItem).has_value());
  std::string from_tree;
  model::append_attributes(&from_tree, project(projection->paths, fixed_item()));
  INVARIANT(from_text == from_tree);
}

}  // namespace
}  // namespace tidemark::api::expression

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer looks for it
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tidemark::api::expression;
  const tidemark::fuzz::Input input(data, size);
  try_condition(input.rest(), ExpressionKind::kFilter);
  try_condition(input.rest(), ExpressionKind::kKeyCondition);
  try_update(input.rest());
  try_projection(input.rest());
  return 0;
}
