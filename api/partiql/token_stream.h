// The tokens of a statement, read from the front.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "api/partiql/lexer.h"

namespace tidemark::api::partiql {

class TokenStream {
 public:
  explicit TokenStream(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  [[nodiscard]] const Token& token() const { return tokens_[at_]; }
  [[nodiscard]] TokenKind kind() const { return token().kind; }
  // At the end it gives that again and again.
  const Token& take();

  // Punctuation.
  [[nodiscard]] bool is(std::string_view text) const { return is_at(at_, text); }
  bool take_if(std::string_view text);
  ApiResult<void> expect(std::string_view text);

  // Keywords, in any case.
  [[nodiscard]] bool is_keyword(std::string_view upper) const { return is_keyword_at(at_, upper); }
  [[nodiscard]] bool is_keyword_ahead(std::string_view upper) const { return is_keyword_at(at_ + 1, upper); }
  bool take_keyword(std::string_view upper);

  // A quoted name, or a bare one that is no word of SQL.
  [[nodiscard]] bool is_attribute_name() const;
  // A name with a parenthesis behind it, which is no operator.
  [[nodiscard]] bool is_call() const;
  // A number, perhaps with a sign.
  [[nodiscard]] bool is_number() const;

  // One level deeper. Errors: ValidationException when nobody can have meant that.
  ApiResult<void> enter();
  class Level {
   public:
    explicit Level(TokenStream* stream) : stream_(stream) {}
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;
    ~Level() { --stream_->depth_; }

   private:
    TokenStream* stream_;
  };
  [[nodiscard]] Level leave_at_end() { return Level(this); }

 private:
  [[nodiscard]] bool is_at(std::size_t index, std::string_view text) const;
  [[nodiscard]] bool is_keyword_at(std::size_t index, std::string_view upper) const;

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace tidemark::api::partiql
