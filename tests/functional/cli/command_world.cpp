#include "tests/functional/cli/command_world.h"

#include <sstream>

#include "controller/cli/command_line.h"

namespace failgate {

FakeServer::FakeServer() : server_(std::make_unique<HttpServer>(HttpServerOptions(), *this)) {
  server_->Start();
}

std::string FakeServer::url() const {
  return "http://127.0.0.1:" + std::to_string(server_->port());
}

void FakeServer::Answer(const std::string& request,
                        int status,
                        const std::string& body,
                        const HeaderFields& headers) {
  HttpResponse response;
  response.status = status;
  response.content_type = "application/json";
  response.body = body;
  response.headers = headers;
  state_.Lock()->answers[request] = response;
}

void FakeServer::AnswerOnce(const std::string& request, const std::string& body) {
  HttpResponse response;
  response.content_type = "application/json";
  response.body = body;
  state_.Lock()->once[request].push_back(response);
}

std::vector<HttpRequest> FakeServer::requests() const {
  return state_.Lock()->requests;
}

std::vector<std::string> FakeServer::lines() const {
  std::vector<std::string> lines;
  for (const HttpRequest& request : requests()) {
    lines.push_back(request.method + " " + request.path +
                    (request.query.empty() ? "" : "?" + request.query));
  }
  return lines;
}

Admission FakeServer::Admit(const RequestHead&) {
  return Admission::Accept(1U << 20U);
}

void FakeServer::Handle(HttpRequest request, Responder responder) {
  const std::string line = request.method + " " + request.path;
  HttpResponse response;
  {
    auto state = state_.Lock();
    auto& once = state->once[line];
    const auto known = state->answers.find(line);
    if (!once.empty()) {
      response = once.front();
      once.erase(once.begin());
    } else if (known != state->answers.end()) {
      response = known->second;
    } else {
      response = StatusResponse(404);
      response.body = R"({"error":{"code":"not_found","message":"there is no such thing"}})";
    }
    state->requests.push_back(std::move(request));
  }
  responder.Send(response);
}

CommandResult CommandWorld::Run(const std::vector<std::string>& arguments,
                                const std::string& input) {
  std::ostringstream out;
  std::ostringstream err;
  std::istringstream in(input);
  Terminal terminal(out, err, {});
  CommandContext context{terminal,
                         [this](const std::string& name) -> std::optional<std::string> {
                           const auto found = environment.find(name);
                           return found == environment.end()
                                      ? std::nullopt
                                      : std::optional<std::string>(found->second);
                         },
                         clock,
                         in,
                         [this](Milliseconds) { ++pauses; },
                         "/usr/bin/failgate",
                         [this](const ServeOptions& options) {
                           served.push_back(options);
                           return 0;
                         },
                         [this](const DemoOptions& options) {
                           told.push_back(options);
                           return 0;
                         }};
  const int code = RunCommandLine(arguments, context);
  return {code, out.str(), err.str()};
}

FakeServer& CommandWorld::StartServer() {
  server_ = std::make_unique<FakeServer>();
  environment["FAILGATE_URL"] = server_->url();
  environment["FAILGATE_TOKEN"] = "fg_canary_token_of_the_command_line";
  return *server_;
}

std::filesystem::path CommandWorld::Write(const std::string& path, const std::string& text) {
  const std::filesystem::path file = folder() / path;
  CreateFolders(file.parent_path());
  WriteFileDurably(file, text);
  return file;
}

}  // namespace failgate
