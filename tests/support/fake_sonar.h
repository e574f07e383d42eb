// A fake of SonarQube's web API over HTTP, with answers of its documented shape: the real server is
// in no package of the test machine.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controller/api/http_server.h"
#include "controller/base/guarded.h"

namespace failgate {

/// Answers whoever brings the token; 401 for everybody else.
class FakeSonar final : public RequestHandler {
 public:
  explicit FakeSonar(std::string token);
  ~FakeSonar() override;

  /// The newest analysis of the project; answers its key. `conditions`: a JSON list as
  /// project_status has it.
  std::string Analyse(const std::string& project,
                      const std::string& revision,
                      const std::string& status,
                      const std::string& conditions = "[]");
  /// Its quality gate turns.
  void Turn(const std::string& analysis,
            const std::string& status,
            const std::string& conditions = "[]");
  /// Every request gets this status, and `body`; 0 = as it should be again.
  void Break(int status, std::string body = {});
  /// "/path?query" of all requests since the last call.
  [[nodiscard]] std::vector<std::string> TakeAsked();
  [[nodiscard]] std::string url() const;

  Admission Admit(const RequestHead& head) override;
  void Handle(HttpRequest request, Responder responder) override;

 private:
  struct Analysis {
    std::string key;
    std::string project;
    std::string revision;
    std::string status;
    std::string conditions;
  };
  struct State {
    std::vector<Analysis> analyses;  ///< newest first
    std::vector<std::string> asked;
    int broken = 0;
    std::string broken_body;
  };
  [[nodiscard]] static HttpResponse Search(const State& state, std::string_view query);
  [[nodiscard]] static HttpResponse Status(const State& state, std::string_view query);

  const std::string token_;
  Guarded<State> state_;
  HttpServer server_;
};

/// The webhook that SonarQube sends after an analysis: the body, and its signature in hex.
struct SonarHook {
  std::string body;
  std::string signature;
};
[[nodiscard]] SonarHook MakeSonarHook(const std::string& secret,
                                      const std::string& project,
                                      const std::string& revision,
                                      const std::string& task,
                                      const std::string& quality_gate = "OK");

}  // namespace failgate
