// Beast's parser, filling our request head without its field container.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/http_message.h"
#include "server/http/asio.h"

namespace tidemark::server {

// Parses one request; make a new one for the next. Each call of put() takes at most one step: the head, or
// one piece of the body.
class RequestParser final : public boost::beast::http::basic_parser<true> {
 public:
  RequestParser() {
    eager(false);
    body_limit(boost::none);
    head_.headers.reserve(16);
  }

  // Needs is_header_done(). Call once.
  http::RequestHead take_head() {
    if (const auto length = content_length()) head_.content_length = *length;
    head_.chunked = chunked();
    is_taken_ = true;
    return std::move(head_);
  }
  // The bytes of the body found by the last put(), inside the buffer given to it.
  std::string_view take_piece() { return std::exchange(piece_, {}); }

  // Both before take_head().
  [[nodiscard]] std::string_view method() const { return head_.method; }
  [[nodiscard]] std::string_view target() const { return head_.target; }
  [[nodiscard]] std::size_t target_bytes() const { return head_.target.size(); }  // before take_head()
  // What has been read of it; nullptr after take_head().
  [[nodiscard]] const http::RequestHead* head() const { return is_taken_ ? nullptr : &head_; }
  // Whether an Origin has been read.
  [[nodiscard]] bool has_origin() const { return has_origin_; }
  [[nodiscard]] bool is_head_request() const { return is_head_request_; }
  [[nodiscard]] bool is_http_1_0() const { return is_http_1_0_; }
  // The value of the Expect field; empty when there is none.
  [[nodiscard]] const std::string& expectation() const { return expectation_; }
  // A transfer coding other than chunked, or one over it: nobody knows what such a body is, or where it ends.
  [[nodiscard]] bool has_unknown_coding() const { return has_unknown_coding_ || (has_coding_ && !chunked()); }

 private:
  using ErrorCode = boost::beast::error_code;
  using View = boost::beast::string_view;
  using Verb = boost::beast::http::verb;
  using FieldName = boost::beast::http::field;

  static std::string_view view(View text) { return {text.data(), text.size()}; }

  void on_request_impl(Verb verb, View method, View target, int version, ErrorCode& error) override {
    error = {};
    is_head_request_ = verb == Verb::head;
    is_http_1_0_ = version == 10;
    head_.method = view(method);
    head_.target = view(target);
  }
  void on_field_impl(FieldName field, View name, View value, ErrorCode& error) override {
    error = {};
    if (is_head_complete_) {
      return;  // a trailer behind a chunked body
    }
    // Every look for a field passes by all of them.
    constexpr std::size_t kFieldsMax = 256;
    if (head_.headers.fields().size() == kFieldsMax) {
      error = boost::beast::http::error::header_limit;
      return;
    }
    if (field == FieldName::transfer_encoding) {
      has_unknown_coding_ = has_coding_ || !http::equal_ignoring_case(view(value), "chunked");
      has_coding_ = true;
    } else if (field == FieldName::expect) {
      expectation_ = view(value);
    } else if (field == FieldName::origin) {
      has_origin_ = true;
    } else if (field == FieldName::host && std::exchange(has_host_, true)) {
      // Which one was signed, and which one names the bucket? (RFC 9112, 3.2)
      error = boost::beast::http::error::bad_field;
      return;
    }
    head_.headers.add(std::string(view(name)), std::string(view(value)));
  }
  void on_header_impl(ErrorCode& error) override {
    error = {};
    is_head_complete_ = true;
  }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCode& error) override { error = {}; }
  std::size_t on_body_impl(View body, ErrorCode& error) override {
    error = {};
    piece_ = view(body);
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t, View, ErrorCode& error) override { error = {}; }
  std::size_t on_chunk_body_impl(std::uint64_t, View body, ErrorCode& error) override {
    error = {};
    piece_ = view(body);
    return body.size();
  }
  void on_finish_impl(ErrorCode& error) override { error = {}; }
  void on_response_impl(int, View, int, ErrorCode& error) override { error = {}; }

  http::RequestHead head_;
  std::string_view piece_;
  std::string expectation_;
  bool is_taken_ = false;
  bool has_origin_ = false;
  bool is_head_request_ = false;
  bool is_http_1_0_ = false;
  bool is_head_complete_ = false;
  bool has_coding_ = false;
  bool has_unknown_coding_ = false;
  bool has_host_ = false;
};

}  // namespace tidemark::server
