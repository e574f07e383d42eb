// A registry over HTTP that says what a test tells it to. Fake; the real one is in
// real_registry_test.cpp.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "controller/api/http_server.h"
#include "controller/base/guarded.h"

namespace failgate {

class FakeRegistry final : public RequestHandler {
 public:
  FakeRegistry() : server_(HttpServerOptions{}, *this) { server_.Start(); }
  ~FakeRegistry() override { server_.Stop(); }

  Admission Admit(const RequestHead& /*head*/) override { return Admission::Accept(1000); }
  void Handle(HttpRequest request, Responder responder) override {
    responder.Send(AnswerTo(request));
  }

  /// The tag of the image ml/churn.
  void Push(const std::string& tag, const std::string& digest) {
    state_.Lock()->tags[tag] = digest;
  }
  void Remove(const std::string& tag) { state_.Lock()->tags.erase(tag); }
  /// Only requests with this Authorization are answered, others with this challenge.
  void Demand(const std::string& authorization, const std::string& challenge) {
    auto state = state_.Lock();
    state->authorization = authorization;
    state->challenge = challenge;
  }
  /// Every answer has this status; 0 = those of a registry.
  void Break(int status) { state_.Lock()->broken = status; }
  void SetPageSize(std::size_t tags) { state_.Lock()->page = tags; }
  /// "METHOD PATH?QUERY [AUTHORIZATION]" of what came since the last call.
  std::vector<std::string> TakeAsked() { return std::exchange(state_.Lock()->asked, {}); }
  [[nodiscard]] std::string host() const { return "127.0.0.1:" + std::to_string(server_.port()); }

 private:
  struct State {
    std::map<std::string, std::string> tags;
    std::string authorization;
    std::string challenge;
    int broken = 0;
    std::size_t page = 100;
    std::vector<std::string> asked;
  };

  static HttpResponse Status(int status, HeaderFields headers = {}, std::string body = {}) {
    HttpResponse response;
    response.status = status;
    response.headers = std::move(headers);
    response.body = std::move(body);
    return response;
  }

  HttpResponse AnswerTo(const HttpRequest& request) {
    const std::string authorization(request.Header("Authorization").value_or(""));
    auto state = state_.Lock();
    state->asked.push_back(request.method + " " + request.path +
                           (request.query.empty() ? "" : "?" + request.query) +
                           (authorization.empty() ? "" : " [" + authorization + "]"));
    if (request.path == "/token") {
      return Status(200, {}, R"({"token":"the-token"})");
    }
    if (state->broken != 0) {
      return Status(state->broken, {{"Location", "http://169.254.169.254/"}});
    }
    if (authorization != state->authorization) {
      return Status(401, {{"WWW-Authenticate", state->challenge}});
    }
    return request.path == "/v2/ml/churn/tags/list" ? Tags(*state, request.query)
                                                    : Manifest(*state, request.path);
  }

  static HttpResponse Tags(const State& state, const std::string& query) {
    const std::size_t at = query.find("last=");
    auto tag =
        at == std::string::npos ? state.tags.begin() : state.tags.upper_bound(query.substr(at + 5));
    std::string list;
    std::string last;
    for (std::size_t i = 0; i < state.page && tag != state.tags.end(); ++i, ++tag) {
      last = tag->first;
      list += (list.empty() ? "\"" : ",\"") + last + "\"";
    }
    HeaderFields headers;
    if (tag != state.tags.end()) {
      headers.emplace_back("Link", "</v2/ml/churn/tags/list?last=" + last + ">; rel=\"next\"");
    }
    return Status(200, headers, R"({"name":"ml/churn","tags":[)" + list + "]}");
  }

  static HttpResponse Manifest(const State& state, const std::string& path) {
    const std::string folder = "/v2/ml/churn/manifests/";
    const auto found =
        path.rfind(folder, 0) == 0 ? state.tags.find(path.substr(folder.size())) : state.tags.end();
    return found == state.tags.end() ? Status(404)
                                     : Status(200, {{"Docker-Content-Digest", found->second}});
  }

  Guarded<State> state_;
  HttpServer server_;
};

}  // namespace failgate
