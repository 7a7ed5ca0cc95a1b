// A callable that may own what cannot be copied: what C++23 calls std::move_only_function.
#pragma once

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

#include "base/check.h"

namespace tidemark {

template <class Signature>
class MoveOnlyFunction;

// Empty when default-constructed, or moved from; an empty one must not be called. Not thread-safe.
template <class Outcome, class... Arguments>
class MoveOnlyFunction<Outcome(Arguments...)> {
 public:
  MoveOnlyFunction() = default;
  template <class Callable>
    requires(!std::same_as<std::remove_cvref_t<Callable>, MoveOnlyFunction> &&
             std::is_invocable_r_v<Outcome, std::decay_t<Callable>&, Arguments...>)
  // So that a lambda can be passed.
  // NOLINTNEXTLINE(google-explicit-constructor, bugprone-forwarding-reference-overload)
  MoveOnlyFunction(Callable&& callable)
      : held_(std::make_unique<Held<std::decay_t<Callable>>>(std::forward<Callable>(callable))) {}

  explicit operator bool() const { return held_ != nullptr; }

  Outcome operator()(Arguments... arguments) {
    INVARIANT(held_ != nullptr);
    return held_->call(std::forward<Arguments>(arguments)...);
  }

 private:
  struct Base {
    virtual ~Base() = default;
    virtual Outcome call(Arguments... arguments) = 0;
  };
  template <class Callable>
  struct Held final : Base {
    explicit Held(Callable from) : callable(std::move(from)) {}
    Outcome call(Arguments... arguments) override {
      return static_cast<Outcome>(callable(std::forward<Arguments>(arguments)...));
    }

    Callable callable;
  };

  std::unique_ptr<Base> held_;
};

}  // namespace tidemark
