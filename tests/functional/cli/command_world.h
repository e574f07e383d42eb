// The command line in a world of its own: folders, environment, clock and a fake server.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controller/api/http_server.h"
#include "controller/base/durable_file.h"
#include "controller/base/guarded.h"
#include "controller/daemon/demo.h"
#include "controller/daemon/serve.h"
#include "tests/support/fake_clock.h"

namespace failgate {

/// Answers "METHOD /path" with what it was told to; anything else with 404. Fake.
class FakeServer final : public RequestHandler {
 public:
  FakeServer();
  void Answer(const std::string& request,
              int status,
              const std::string& body,
              const HeaderFields& headers = {});
  /// Answers that come once each, in order, before the one of Answer().
  void AnswerOnce(const std::string& request, const std::string& body);
  [[nodiscard]] std::string url() const;
  /// Everything asked so far.
  [[nodiscard]] std::vector<HttpRequest> requests() const;
  /// "METHOD /path?query" of each.
  [[nodiscard]] std::vector<std::string> lines() const;

  Admission Admit(const RequestHead& head) override;
  void Handle(HttpRequest request, Responder responder) override;

 private:
  struct State {
    std::map<std::string, HttpResponse> answers;
    std::map<std::string, std::vector<HttpResponse>> once;
    std::vector<HttpRequest> requests;
  };
  Guarded<State> state_;
  std::unique_ptr<HttpServer> server_;
};

struct CommandResult {
  int code = -1;
  std::string out;
  std::string err;
};

/// Runs the whole command line in this process.
class CommandWorld {
 public:
  CommandResult Run(const std::vector<std::string>& arguments, const std::string& input = {});
  /// Points FAILGATE_URL and FAILGATE_TOKEN at a new fake server.
  FakeServer& StartServer();
  std::filesystem::path Write(const std::string& path, const std::string& text);
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

  std::map<std::string, std::string> environment;
  FakeClock clock;
  std::vector<ServeOptions> served;
  std::vector<DemoOptions> told;
  int pauses = 0;

 private:
  TemporaryFolder folder_;
  std::unique_ptr<FakeServer> server_;
};

}  // namespace failgate
