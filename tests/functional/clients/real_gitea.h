// A real Gitea on the loopback, for tests: its program comes from the environment.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "controller/process/process.h"
#include "tests/support/running_program.h"

namespace failgate {

/// FAILGATE_TEST_GITEA names the program, FAILGATE_TEST_GITEA_STATIC the folder of its templates
/// when they are not part of it. Everything it keeps lies in `folder`.
class RealGitea {
 public:
  using Json = nlohmann::json;
  /// nullopt: the environment names none.
  [[nodiscard]] static std::optional<std::string> Program();
  /// Starts it and waits until it answers; makes the administrator dana. Throws Error when it
  /// fails.
  explicit RealGitea(std::filesystem::path folder);

  [[nodiscard]] const std::string& url() const { return url_; }
  /// With dana's token in it, for stock git.
  [[nodiscard]] std::string PushUrl(const std::string& repository) const;
  /// dana's call of the API; throws Error unless it is answered 2xx.
  Json Call(const std::string& method, const std::string& path, const Json& body = Json()) const;

 private:
  void WriteSettings() const;
  [[nodiscard]] std::string Admin(const std::vector<std::string>& arguments) const;
  [[nodiscard]] ProcessSpec Spec(const std::vector<std::string>& arguments) const;

  std::filesystem::path folder_;
  int port_;
  std::string url_;
  mutable ProcessRunner processes_;
  std::unique_ptr<RunningProgram> server_;
  std::string token_;
};

}  // namespace failgate
