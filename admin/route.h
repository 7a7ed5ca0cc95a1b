// What a request to `/_tidemark/…` is for, and how it is answered.
//
// To add an endpoint: a file with its handler, which returns its routes, and a line where the service is
// built.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/http_message.h"
#include "base/later.h"

namespace tidemark::admin {

struct AdminRequest {
  const http::RequestHead& head;
  std::string_view body;
  // What stands for `{…}` in the route's path, percent-decoded; empty when there is none.
  std::string_view name;
};

// Runs on a thread that may block. Thread-safety: may be called concurrently.
using Handler = std::function<http::Response(const AdminRequest&)>;

// For what may take long and needs no thread meanwhile: does not block itself. The answer is given once; what
// the request refers to is there only during the call.
using Beginner = std::function<std::shared_ptr<Later<http::Response>>(const AdminRequest&)>;

struct Route {
  std::string_view method;  // GET (answers HEAD, too), POST or DELETE
  // `/_tidemark/clock`, or with a part of any name `/_tidemark/jobs/{id}`. Outside of `/_tidemark/` a path
  // belongs to the server's services but for this very method.
  std::string_view path;
  Handler handle = nullptr;
  Beginner begin = nullptr;  // instead of `handle`
  bool is_quick = false;     // never blocks: the network thread may run it
  bool is_heavy = false;     // few at a time, behind all others
  // Shows what is in tables: nothing for strangers where signatures are verified.
  bool shows_items = false;
  // A POST without a body needs no Content-Type.
  bool may_be_empty = false;
  // Judges the parameters of its query. Others take none, and never see a request that has some: what is
  // asked for in vain must not look as if it had been heard.
  bool takes_parameters = false;
};

// An answer of JSON text.
http::Response json_answer(int status, std::string body);
// `{"error":"…"}`: one sentence that says what is wrong.
http::Response error_answer(int status, std::string_view sentence);

}  // namespace tidemark::admin
