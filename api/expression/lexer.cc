#include "api/expression/lexer.h"

#include "base/text.h"

namespace tidemark::api::expression {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
// A name that begins with an underscore needs an alias.
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_name_part(char c) { return is_name_start(c) || is_digit(c) || c == '_'; }

std::size_t run_end(std::string_view source, std::size_t at, bool (*belongs)(char)) {
  while (at < source.size() && belongs(source[at])) ++at;
  return at;
}

// One character, all bytes of it: an error message must not quote half of one.
std::size_t character_end(std::string_view source, std::size_t at) {
  ++at;
  while (at < source.size() && (static_cast<unsigned char>(source[at]) & 0xC0) == 0x80) ++at;
  return at;
}

Token token_at(std::string_view source, std::size_t at) {
  const char c = source[at];
  if (is_name_start(c)) return {TokenKind::kIdentifier, at, run_end(source, at, is_name_part)};
  if (is_digit(c)) return {TokenKind::kDigits, at, run_end(source, at, is_digit)};
  const char next = at + 1 < source.size() ? source[at + 1] : '\0';
  if ((c == '#' || c == ':') && is_name_part(next)) {
    const TokenKind kind = c == '#' ? TokenKind::kNameAlias : TokenKind::kValueAlias;
    return {kind, at, run_end(source, at + 1, is_name_part)};
  }
  const bool two = (c == '<' && (next == '>' || next == '=')) || (c == '>' && next == '=');
  return {TokenKind::kPunctuation, at, two ? at + 2 : character_end(source, at)};
}

std::string_view text_of(std::string_view source, const Token& token) {
  return source.substr(token.begin, token.end - token.begin);
}

}  // namespace

std::vector<Token> tokenize(std::string_view source) {
  std::vector<Token> tokens;
  std::size_t at = run_end(source, 0, is_blank);
  while (at < source.size()) {
    tokens.push_back(token_at(source, at));
    at = run_end(source, tokens.back().end, is_blank);
  }
  tokens.push_back({TokenKind::kEnd, source.size(), source.size()});
  return tokens;
}

std::string syntax_error_text(std::string_view source, const std::vector<Token>& tokens, std::size_t index) {
  // The end of the input is no text: it neither is quoted nor stretches the window.
  const bool at_end = tokens[index].kind == TokenKind::kEnd;
  const Token& first = tokens[index > 0 ? index - 1 : index];
  const Token* last = &tokens[index];
  if (at_end && index > 0) last = &tokens[index - 1];
  if (!at_end && tokens[index + 1].kind != TokenKind::kEnd) last = &tokens[index + 1];

  std::string text = "Syntax error; token: \"";
  text += at_end ? std::string_view("<EOF>") : text_of(source, tokens[index]);
  text += "\", near: \"";
  text += source.substr(first.begin, last->end - first.begin);
  text += '"';
  return text;
}

}  // namespace tidemark::api::expression
