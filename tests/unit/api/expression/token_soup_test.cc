// Random expressions, most of them wrong: whatever the text, the answer is a tree that works or a
// ValidationException.
#include <array>
#include <random>
#include <string>

#include "api/expression/evaluate.h"
#include "api/expression/key_condition.h"
#include "api/expression/projection.h"
#include "api/expression/update.h"
#include "tests/unit/api/expression/support.h"

namespace tidemark::api::expression {
namespace {

constexpr std::array<const char*, 58> kPieces = {"a",
                                                 "b",
                                                 "#a",
                                                 "#b",
                                                 "#d",
                                                 ":s",
                                                 ":n",
                                                 ":m",
                                                 ":l",
                                                 ":ss",
                                                 ":b",
                                                 "a.b",
                                                 "a[0]",
                                                 "b[1].c",
                                                 "status",
                                                 "(",
                                                 ")",
                                                 "(",
                                                 ")",
                                                 ",",
                                                 ",",
                                                 "=",
                                                 "<>",
                                                 "<",
                                                 "<=",
                                                 ">",
                                                 ">=",
                                                 "+",
                                                 "-",
                                                 ".",
                                                 "[",
                                                 "]",
                                                 "0",
                                                 "7",
                                                 "AND",
                                                 "or",
                                                 "NOT",
                                                 "between",
                                                 "IN",
                                                 "SET",
                                                 "REMOVE",
                                                 "add",
                                                 "DELETE",
                                                 "size",
                                                 "attribute_exists",
                                                 "attribute_type",
                                                 "begins_with",
                                                 "contains",
                                                 "if_not_exists",
                                                 "list_append",
                                                 "nope",
                                                 "#x",
                                                 ":x",
                                                 "#",
                                                 ":",
                                                 "\xC3\xBC",
                                                 "\"",
                                                 "!"};

// Productions that make longer stretches of sense likely.
constexpr std::array<const char*, 12> kPhrases = {"a = :s",
                                                  "size(b) > :n",
                                                  "a BETWEEN :n AND :m",
                                                  "b IN (:s, a)",
                                                  "attribute_not_exists(a.b)",
                                                  "SET a = b + :n",
                                                  "SET a = list_append(a, :l)",
                                                  "REMOVE a[0], a[1]",
                                                  "ADD b :n",
                                                  "DELETE a :ss",
                                                  "a.b, b[0], b[1]",
                                                  "(a = :n AND (b < :m))"};

class Soup {
 public:
  explicit Soup(std::uint32_t seed) : random_(seed) {}

  std::string next() {
    std::string text;
    const std::size_t length = 1 + random_() % (random_() % 2 == 0 ? 4 : 24);
    for (std::size_t i = 0; i < length; ++i) {
      text +=
          random_() % 3 == 0 ? kPhrases[random_() % kPhrases.size()] : kPieces[random_() % kPieces.size()];
      if (random_() % 4 != 0) text += ' ';
    }
    return text;
  }

  // One byte changed, so that halves of characters and control characters turn up too.
  std::string bent(std::string text) {
    text[random_() % text.size()] = static_cast<char>(random_() % 256);
    return text;
  }

 private:
  std::mt19937 random_;
};

template <class T>
void require_validation(const ApiResult<T>& result) {
  if (result.has_value()) return;
  REQUIRE(result.error().type == ErrorType::kValidation);
  REQUIRE_FALSE(result.error().message.empty());
}

struct Counts {
  int conditions = 0;
  int updates = 0;
  int projections = 0;
};

void try_all(const std::string& text, const model::AttributeMap& item, Counts* accepted) {
  Substitutions substitutions = common_substitutions();
  const auto condition = compile_condition(ExpressionKind::kCondition, text, substitutions);
  require_validation(condition);
  if (condition.has_value()) {
    ++accepted->conditions;
    const bool expected = holds(*condition, &item);
    const auto on_text = holds(*condition, text_of(item));
    REQUIRE(on_text.has_value());
    REQUIRE(*on_text == expected);
    holds(*condition, nullptr);
    require_validation(key_conditions_of(*condition));
  }
  const auto update = compile_update(text, substitutions);
  require_validation(update);
  if (update.has_value()) {
    ++accepted->updates;
    const auto result = apply_update(*update, item);
    require_validation(result);
    if (result.has_value()) updated_new(*result);
    updated_old(*update, item);
  }
  const auto projection = compile_projection(text, substitutions);
  require_validation(projection);
  if (projection.has_value()) {
    ++accepted->projections;
    std::string out;
    REQUIRE(append_projected(&out, *projection, text_of(item)).has_value());
    REQUIRE(out == text_of(project(projection->paths, item)));
  }
}

TEST_CASE("random expressions work or are refused") {
  const std::uint32_t seed = GENERATE(1U, 20120810U, 4242U);
  INFO("seed " << seed);
  Soup soup(seed);
  const auto item = item_of(
      R"({"a":{"L":[{"N":"1"},{"S":"x"}]},"b":{"N":"3"},"c":{"M":{"b":{"L":[]}}},"[3]":{"SS":["a","z"]}})");
  Counts accepted;
  for (int i = 0; i < 4000; ++i) {
    const std::string text = soup.next();
    INFO(text);
    try_all(text, item, &accepted);
    try_all(soup.bent(text), item, &accepted);
  }
  // The soup is of use only if some of it gets through.
  CHECK(accepted.conditions > 20);
  CHECK(accepted.updates > 20);
  CHECK(accepted.projections > 20);
}

}  // namespace
}  // namespace tidemark::api::expression
