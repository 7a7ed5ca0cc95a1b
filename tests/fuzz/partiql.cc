// PartiQL statements: the parser refuses them with words or makes something that can be planned and run on an
// item.
#include "api/expression/evaluate.h"
#include "api/expression/update.h"
#include "api/partiql/plan.h"
#include "api/partiql/select.h"
#include "base/check.h"
#include "model/item.h"
#include "tests/fuzz/input.h"

namespace tidemark::api::partiql {
namespace {

constexpr std::string_view kItem =
    R"({"a":{"L":[{"N":"1"},{"S":"x"}]},"b":{"N":"3"},"c":{"M":{"b":{"L":[]}}},"pk":{"S":"p"},"sk":{"N":"7"}})";

// Errors are the client's: they say what is wrong.
template <class T>
bool succeeded(const ApiResult<T>& result) {
  if (result) return true;
  INVARIANT(result.error().type == ErrorType::kValidation && !result.error().message.empty());
  return false;
}

void run(const Statement& statement) {
  static const model::AttributeMap item = *model::parse_item(kItem);
  static const model::KeySchema keys{{{"pk", model::KeyType::kString}}, {{"sk", model::KeyType::kNumber}}};
  (void)keyed_conditions(statement, keys);
  if (statement.where) {
    const bool on_tree = expression::holds(*statement.where, &item);
    const auto on_text = expression::holds(*statement.where, kItem);
    INVARIANT(on_text && *on_text == on_tree);
  }
  if (statement.is_read()) INVARIANT(projected(statement, kItem).has_value());
  if (statement.kind == StatementKind::kUpdate)
    (void)succeeded(expression::apply_update(statement.update, item));
}

}  // namespace
}  // namespace tidemark::api::partiql

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer looks for it
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tidemark;
  const fuzz::Input input(data, size);
  const std::vector<model::AttributeValue> parameters = {model::AttributeValue{std::string("p")},
                                                         model::AttributeValue{true}};
  for (std::size_t count = 0; count <= parameters.size(); ++count) {
    const auto statement = api::partiql::parse(
        input.rest(), {parameters.begin(), parameters.begin() + static_cast<std::ptrdiff_t>(count)});
    if (api::partiql::succeeded(statement)) api::partiql::run(*statement);
  }
  return 0;
}
