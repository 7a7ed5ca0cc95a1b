#include "server/http/held_memory.h"

#include <memory>
#include <vector>

#include "tests/support/catch.h"

namespace tidemark::server::test {
namespace {

class Holder final : public MemoryHolder {
 public:
  explicit Holder(bool is_known = false) : is_known_(is_known) {}
  bool waits = true;
  bool gave_up = false;

 private:
  [[nodiscard]] bool can_give_up_memory() const override { return waits; }
  [[nodiscard]] bool is_known() const override { return is_known_; }
  void give_up_memory() override { gave_up = true; }

  const bool is_known_;
};

}  // namespace

TEST_CASE("memory is taken from whoever has held it for longest") {
  HeldMemory memory(100);
  Holder first, second, third;
  CHECK(memory.set(&first, 40, 0));
  CHECK(memory.set(&second, 40, 0));
  // Growing does not make it younger.
  CHECK(memory.set(&first, 50, 5));
  CHECK(memory.held_bytes() == 90);
  CHECK(memory.set(&third, 30, 5));
  CHECK(first.gave_up);
  CHECK_FALSE(second.gave_up);
  CHECK(memory.held_bytes() == 70);
  CHECK(memory.set(&third, 100, 5));
  CHECK(second.gave_up);
  CHECK(memory.held_bytes() == 100);
  CHECK(memory.set(&third, 0, 5));
  CHECK(memory.held_bytes() == 0);
}

TEST_CASE("unknown peers never take from known ones, and known ones not from those that hurry") {
  HeldMemory memory(100);
  Holder alice(true), bob(true), nobody;
  CHECK(memory.set(&alice, 90, 0));
  CHECK_FALSE(memory.set(&nobody, 20, 60));
  CHECK(memory.set(&nobody, 10, 60));
  SECTION("what unknown peers hold goes first") {
    CHECK(memory.set(&bob, 10, 60));
    CHECK(nobody.gave_up);
    CHECK_FALSE(alice.gave_up);
  }
  SECTION("then what known ones are slow with") {
    CHECK_FALSE(memory.set(&bob, 20, 1));
    CHECK_FALSE(alice.gave_up);
    CHECK(memory.held_bytes() == 90);  // nobody's share is gone all the same
    CHECK(memory.set(&bob, 20, 2));
    CHECK(alice.gave_up);
  }
}

TEST_CASE("nothing is taken from who is at work, and one alone may hold what it needs") {
  HeldMemory memory(100);
  Holder first, second;
  first.waits = false;
  CHECK(memory.set(&first, 1000, 0));
  CHECK(memory.is_tight());
  CHECK_FALSE(memory.set(&second, 1, 0));
  CHECK_FALSE(first.gave_up);
  first.waits = true;
  CHECK(memory.set(&second, 1000, 0));
  CHECK(first.gave_up);
  CHECK_FALSE(memory.is_relaxed_again());
  CHECK(memory.set(&second, 0, 0));
  CHECK_FALSE(memory.is_tight());
  CHECK(memory.is_relaxed_again());
  CHECK_FALSE(memory.is_relaxed_again());
}

}  // namespace tidemark::server::test
