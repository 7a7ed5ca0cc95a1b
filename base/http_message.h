// HTTP as plain data. `server` reads and writes the sockets; `api` and `s3emu` see only this.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/file.h"
#include "base/move_only_function.h"
#include "base/result.h"

namespace tidemark::http {

// Header names compare without case. Values are kept byte for byte.
class Headers {
 public:
  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  void reserve(std::size_t count) { fields_.reserve(count); }
  // The first of that name.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

bool equal_ignoring_case(std::string_view a, std::string_view b);

struct RequestNote;

// Everything before the body.
struct RequestHead {
  std::string method;
  std::string target;  // exactly as sent: raw path, and the query behind `?`
  Headers headers;
  std::optional<std::uint64_t> content_length;  // nothing when chunked or absent
  bool chunked = false;
  std::string peer = {};  // the sender's address without its port, `127.0.0.1`; empty when it is not known
  // Where to say what the request is about (base/request_note.h); it outlives the exchange. Null: nobody
  // asks.
  RequestNote* note = nullptr;

  // Raw, without the query, and without `http://host` in front of it, as requests to a proxy have it.
  [[nodiscard]] std::string_view path() const;
  // Raw, without the `?`; empty when there is none.
  [[nodiscard]] std::string_view query() const;
};

// What proxies add to say for whom they speak.
inline constexpr std::array kForwardingHeaders = {"Forwarded",         "X-Forwarded-For", "X-Forwarded-Host",
                                                  "X-Forwarded-Proto", "X-Real-IP",       "Via"};
// Whether the caller is on this machine. A proxy there may well speak for somebody who is not.
bool is_from_this_machine(const RequestHead& head);

// Part of a file to be sent as a body. The file stays open until the response is gone, so a reader of an
// object that is overwritten or deleted meanwhile finishes the old bytes.
struct FileRange {
  std::shared_ptr<const File> file;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

// A body that is made while it is sent, piece by piece, so that no more of it than a piece is in memory. Its
// length is not known before. Used by one thread at a time, not always the same one.
class BodySource {
 public:
  virtual ~BodySource() = default;
  // Replaces `*piece` by what comes next, some ten kilobytes; empty at the end. May block. Errors: the body
  // is cut short, so that nobody takes it for complete.
  virtual Result<void> read(std::string* piece) = 0;
};

struct Response {
  int status = 200;
  Headers headers;  // without Content-Length, Date, Server and Connection: the session adds those
  // In-memory bytes, file ranges sent one after the other, or what a source makes; never a null pointer.
  std::variant<std::string, std::vector<FileRange>, std::shared_ptr<BodySource>> body;
  // The length to announce when no body is sent (HEAD); otherwise the body's own.
  std::optional<std::uint64_t> content_length;
  bool close = false;  // close the connection after this answer

  // Zero for a source.
  [[nodiscard]] std::uint64_t body_size() const;
  [[nodiscard]] bool has_source() const { return std::holds_alternative<std::shared_ptr<BodySource>>(body); }
};

// Nobody need send a body faster than this, and whoever is slower may be cut short: bodies are not held open
// for as long as their senders please.
inline constexpr std::uint64_t kBodyBytesPerSecondMin = 8 * 1024;

// One request in progress. The session calls write() for each piece of the body, then finish().
// All calls come from one thread at a time, not always the same one.
class Exchange {
 public:
  virtual ~Exchange() = default;
  // Takes a piece of the body. An error answer ends the exchange: the session sends it, drains a little and
  // closes.
  virtual Result<void, Response> write(std::string_view bytes) = 0;
  // The body is complete.
  virtual Response finish() = 0;
  // True when write() and finish() never block for long, so that the network thread may call them itself.
  // Asked after the last write().
  [[nodiscard]] virtual bool is_quick() const = 0;
  // finish() on the network thread, where it is quick. Nothing when it turned out not to be: then nothing has
  // been done, and finish() is called elsewhere.
  virtual std::optional<Response> finish_quickly() { return finish(); }
  // After finish_quickly() returned nothing: whether that is because the answer waits for something that
  // takes no thread. Then finish_quickly() is called again once it is there: if it returns nothing then,
  // finish() is called elsewhere after all.
  [[nodiscard]] virtual bool is_waiting() const { return false; }
  // Calls `ready` when it is there, once, on any thread, perhaps before this returns. Needs is_waiting().
  virtual void when_ready(MoveOnlyFunction<void()> ready) { ready(); }
  // True when finish() may take so much time or memory that only few such may run at once. Asked when it is
  // not quick.
  [[nodiscard]] virtual bool is_heavy() const { return false; }

  // Bytes of memory kept of what was written so far.
  [[nodiscard]] virtual std::uint64_t held_bytes() const { return 0; }
  // Whether the sender has proved who it is, where anybody asks for that: with a head that is signed, or
  // after finish() with a body that is. Where memory runs short, it is taken from others first.
  [[nodiscard]] virtual bool is_known() const { return false; }
  // Instead of another write() or finish(), when what it keeps is needed elsewhere: the answer, an error that
  // clients retry. Nothing follows but the destructor.
  virtual Response give_up() = 0;
};

// Thread-safety: begin() may be called concurrently.
class Service {
 public:
  virtual ~Service() = default;
  // Judges the head: an exchange, or the answer at once (then no `100 Continue` is sent).
  // `head` is handed over. Never blocks.
  virtual Result<std::unique_ptr<Exchange>, Response> begin(RequestHead head) = 0;
};

// What a `+` stands for: in query strings a blank.
enum class Plus { kPlus, kBlank };
enum class Slash { kKept, kEncoded };
// Nothing on a broken escape.
std::optional<std::string> percent_decode(std::string_view text, Plus plus);
// Keeps A-Z a-z 0-9 - . _ ~ and, if wanted, `/`; everything else becomes %XX in upper case.
std::string percent_encode(std::string_view text, Slash slash);
// As S3 writes keys in listings and events: slashes are kept, and a blank becomes `+`.
std::string percent_encode_key(std::string_view key);

}  // namespace tidemark::http
