// Filling gaps: asks GitHub, which never tries again by itself, to send once more what failed.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "controller/base/clock.h"
#include "controller/config/secret_reference.h"
#include "controller/config/server_file.h"

namespace failgate {

/// The failed deliveries of one webhook. What is sent again comes in as every delivery does, with
/// the id it had. Where the token may not read webhooks polling fills the gap: that is logged once.
/// Step is for one thread.
class GithubRedelivery {
 public:
  struct Target {
    std::string name;          ///< of the source, as in /hooks/NAME
    std::string api;           ///< "https://api.github.com"
    std::string repository;    ///< "OWNER/NAME"
    std::string hook_url;      ///< where the hook sends to, as configured at GitHub
    SecretReference token;     ///< read at each use
    std::filesystem::path ca;  ///< empty = the system's certificates
  };
  GithubRedelivery(Target target, const EnvironmentLookup& environment, const Clock& clock)
      : target_(std::move(target)), environment_(environment), clock_(clock) {}

  /// nullopt when there is nothing to ask: another provider, no token, no webhook, no address of
  /// ours (`public_url` empty).
  [[nodiscard]] static std::optional<Target> TargetOf(
      const std::string& name,
      const std::string& clone_url,
      const RemoteCredentials& credentials,
      const std::optional<std::filesystem::path>& ca,
      const std::optional<WebhookSettings>& webhook,
      const std::string& public_url);

  /// Looks through the deliveries since the last look that succeeded (the first time: GitHub's
  /// three days) and asks for what failed. Answers for how many. Throws Error when GitHub cannot be
  /// asked.
  int Step();

 private:
  struct Answer {
    int status = 0;
    std::string body;
    std::string link;
  };
  [[nodiscard]] Answer Ask(const std::string& method, const std::string& path) const;
  [[nodiscard]] bool MayAsk(const Answer& answer);
  [[nodiscard]] std::optional<long long> FindHook();

  Target target_;
  const EnvironmentLookup& environment_;
  const Clock& clock_;
  std::optional<long long> hook_;
  std::optional<TimePoint> looked_at_;
  bool told_ = false;  ///< that the token is not enough
};

}  // namespace failgate
