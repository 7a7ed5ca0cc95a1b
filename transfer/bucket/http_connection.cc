#include "transfer/bucket/http_connection.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "base/net/asio.h"

// Behind base/net/asio.h, which says how Asio and Beast are compiled.
#include <boost/asio/connect.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include "transfer/bucket/system_authorities.h"

namespace tidemark::transfer {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace ssl = boost::asio::ssl;
using Socket = asio::ip::tcp::socket;
using TlsSocket = ssl::stream<Socket>;
using AsioError = boost::system::error_code;
using Parser = beast::http::response_parser<beast::http::string_body>;

constexpr std::uint32_t kAnswerHeadMax = 64 << 10;
constexpr std::size_t kSentBytes = 256 << 10;  // between two looks at whether the other side takes them
constexpr int kInterimMax = 199;               // `100 Continue` and the like

class OpenSslTrust final : public TlsTrust {
 public:
  ssl::context context{ssl::context::tls_client};
};

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

// The socket below TLS, or the socket itself.
Socket& socket_of(Socket& socket) { return socket; }
Socket& socket_of(TlsSocket& stream) { return stream.next_layer(); }

// One connection with a loop of its own, that is run by whoever waits for something.
template <class Stream>
class Connection final : public HttpConnection {
 public:
  template <class... Arguments>
  explicit Connection(std::shared_ptr<TlsTrust> trust, Arguments&&... arguments)
      : trust_(std::move(trust)), stream_(loop_, std::forward<Arguments>(arguments)...) {}

  Result<void> connect(const S3Address& address, const std::string& host, const HttpPatience& patience,
                       const std::stop_token& stop) {
    asio::ip::tcp::resolver resolver(loop_);
    asio::ip::tcp::resolver::results_type found;
    RETURN_IF_ERROR(wait(patience, stop, [&](auto done) {
      resolver.async_resolve(host, std::to_string(address.port), [&found, done](AsioError error, auto all) {
        found = std::move(all);
        done(error);
      });
    }));
    RETURN_IF_ERROR(wait(patience, stop, [&](auto done) {
      asio::async_connect(socket_of(stream_), found,
                          [done](AsioError error, const auto& /*endpoint*/) { done(error); });
    }));
    AsioError ignored;
    socket_of(stream_).set_option(asio::ip::tcp::no_delay(true), ignored);
    if constexpr (std::is_same_v<Stream, TlsSocket>) return shake_hands(host, patience, stop);
    return {};
  }

  Result<HttpAnswer> ask(const HttpQuestion& question, const HttpPatience& patience,
                         const std::stop_token& stop) override {
    may_go_on_ = false;
    const auto sent = send(question, patience, stop);
    // Who refuses an upload may close before all of it has come: the refusal can still be read.
    while (socket_of(stream_).is_open()) {
      Parser parser;
      parser.header_limit(kAnswerHeadMax);
      parser.body_limit(question.answer_bytes_max);
      parser.skip(question.is_head_request);
      while (!parser.is_done()) {
        const auto received = wait(patience, stop, [&](auto done) {
          beast::http::async_read_some(stream_, received_, parser,
                                       [done](AsioError error, std::size_t) { done(error); });
        });
        if (!received) return fail(sent ? received.error() : sent.error());
      }
      if (static_cast<int>(parser.get().result_int()) <= kInterimMax) continue;
      may_go_on_ = sent.has_value() && parser.get().keep_alive();
      return answer_of(parser.release());
    }
    return fail(sent ? Error::unavailable("closed the connection") : sent.error());
  }

  [[nodiscard]] bool may_go_on() const override { return may_go_on_; }

 private:
  Result<void> send(const HttpQuestion& question, const HttpPatience& patience, const std::stop_token& stop) {
    for (std::string_view left : {std::string_view(question.head), question.body}) {
      while (!left.empty()) {
        const std::string_view piece = left.substr(0, kSentBytes);
        RETURN_IF_ERROR(wait(patience, stop, [&](auto done) {
          asio::async_write(stream_, asio::buffer(piece.data(), piece.size()),
                            [done](AsioError error, std::size_t) { done(error); });
        }));
        left.remove_prefix(piece.size());
      }
    }
    return {};
  }

  static HttpAnswer answer_of(beast::http::response<beast::http::string_body> response) {
    HttpAnswer answer{.status = static_cast<int>(response.result_int()), .headers = {}, .body = {}};
    for (const auto& field : response) {
      answer.headers.add(std::string(view(field.name_string())), std::string(view(field.value())));
    }
    answer.body = std::move(response.body());
    return answer;
  }

  Result<void> shake_hands(const std::string& host, const HttpPatience& patience,
                           const std::stop_token& stop) {
    AsioError not_an_address;
    asio::ip::make_address(host, not_an_address);
    if (not_an_address && SSL_set_tlsext_host_name(stream_.native_handle(), host.c_str()) != 1) {
      return fail(Error::unavailable("has a name that TLS cannot ask for"));
    }
    stream_.set_verify_callback(ssl::host_name_verification(host));
    return wait(patience, stop, [&](auto done) {
      stream_.async_handshake(ssl::stream_base::client, [done](AsioError error) { done(error); });
    });
  }

  // Begins an operation with what it calls at its end, and waits for that.
  template <class Begin>
  Result<void> wait(const HttpPatience& patience, const std::stop_token& stop, Begin begin) {
    AsioError outcome;
    begin([&outcome](AsioError error) { outcome = error; });
    {
      const std::stop_callback on_stop(stop, [this] { asio::post(loop_, [this] { close(); }); });
      loop_.restart();
      loop_.run_until(std::min(std::chrono::steady_clock::now() + patience.idle, patience.deadline));
    }
    const bool is_late = !loop_.stopped();
    if (is_late) {
      close();
      loop_.run();
    }
    if (stop.stop_requested()) return fail(Error::unavailable("was not waited for: the job is to stop"));
    if (is_late) return fail(Error::unavailable("took too long"));
    if (outcome) return fail(Error::unavailable("failed: " + outcome.message()));
    return {};
  }

  void close() {
    AsioError ignored;
    socket_of(stream_).close(ignored);
  }

  asio::io_context loop_{1};
  const std::shared_ptr<TlsTrust> trust_;  // of the stream
  Stream stream_;
  beast::flat_buffer received_;
  bool may_go_on_ = true;
};

}  // namespace

Result<std::shared_ptr<TlsTrust>> TlsTrust::load(const std::string& ca_file) {
  auto trust = std::make_shared<OpenSslTrust>();
  trust->context.set_verify_mode(ssl::verify_peer);
  SSL_CTX_set_min_proto_version(trust->context.native_handle(), TLS1_2_VERSION);
  AsioError error;
  if (ca_file.empty()) {
    trust->context.set_default_verify_paths(error);
    // OpenSSL's own places may be those of another distribution.
    const std::string bundle = system_authorities_file();
    if (!error && !bundle.empty()) trust->context.load_verify_file(bundle, error);
  } else {
    trust->context.load_verify_file(ca_file, error);
  }
  if (error) {
    return fail(Error::invalid_argument("cannot read the authorities in " +
                                        (ca_file.empty() ? std::string("the system's folder") : ca_file) +
                                        ": " + error.message()));
  }
  return trust;
}

Result<std::unique_ptr<HttpConnection>> HttpConnection::open(const S3Address& address,
                                                             const std::string& host,
                                                             std::shared_ptr<TlsTrust> trust,
                                                             const HttpPatience& patience,
                                                             const std::stop_token& stop) {
  if (!address.is_tls) {
    auto plain = std::make_unique<Connection<Socket>>(nullptr);
    RETURN_IF_ERROR(plain->connect(address, host, patience, stop));
    return plain;
  }
  auto& context = static_cast<OpenSslTrust&>(*trust).context;
  auto tls = std::make_unique<Connection<TlsSocket>>(std::move(trust), context);
  RETURN_IF_ERROR(tls->connect(address, host, patience, stop));
  return tls;
}

}  // namespace tidemark::transfer
