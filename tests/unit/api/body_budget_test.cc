#include "api/front/body_budget.h"

#include <optional>

#include "tests/support/catch.h"

using namespace tidemark::api;

TEST_CASE("bodies share one budget, beyond what is free for each") {
  constexpr std::uint64_t kFree = BodyShare::kFreeBytes;
  BodyBudget budget(1000);
  std::optional<BodyShare> large(budget);
  CHECK(large->grow_to(kFree));
  CHECK(budget.held() == 0);
  CHECK(large->grow_to(kFree + 1));
  CHECK(large->grow_to(kFree + 900));
  CHECK(budget.held() == 900);

  BodyShare other(budget);
  CHECK(other.grow_to(kFree));
  CHECK_FALSE(other.grow_to(kFree + 101));
  CHECK(budget.held() == 900);
  CHECK(other.grow_to(kFree + 100));
  CHECK_FALSE(large->grow_to(kFree + 901));
  CHECK(large->grow_to(kFree + 900));

  large.reset();
  CHECK(budget.held() == 100);
  CHECK(other.grow_to(kFree + 1000));
}
