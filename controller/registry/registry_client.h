// Asking a registry which tags an image has and what they are now: distribution API, version 2.
#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/config/secret_reference.h"
#include "controller/config/server_file.h"

namespace failgate {

/// One look at one image; not thread-safe. Reads alone. Credentials go to the registry, and to the
/// place of its tokens as TokenUrl allows it, nowhere else; no redirect is followed. A registry on
/// this machine is asked over http, every other over https. Functions throw Error: kRetry when the
/// registry cannot be reached or answers amiss, kNeedsChange when it refuses the credentials.
class RegistryClient {
 public:
  /// The references must outlive it.
  RegistryClient(const ImageSourceSettings& source, const EnvironmentLookup& environment);

  /// All tags of the image, of at most 10,000; none when the registry does not know it.
  [[nodiscard]] std::vector<std::string> Tags(const std::stop_token& stop);
  /// What a tag is now; nullopt when there is no such tag.
  [[nodiscard]] std::optional<std::string> DigestOf(const std::string& tag);

 private:
  struct Answer {
    int status = 0;
    std::string body;
    std::string link;
    std::string digest;
    std::string challenge;
  };
  [[nodiscard]] Answer Ask(const std::string& method, const std::string& path);
  [[nodiscard]] Answer AskOnce(const std::string& method, const std::string& path) const;
  /// The value of Authorization that answers a challenge.
  [[nodiscard]] std::string Authorize(const std::string& challenge) const;
  [[nodiscard]] std::string FetchToken(const std::string& url) const;
  /// "Basic …", or empty without a user.
  [[nodiscard]] std::string Basic() const;
  [[nodiscard]] std::string Read(const SecretReference& secret) const;
  [[nodiscard]] std::string Wrong(const std::string& asked, int status) const;

  const ImageSourceSettings& source_;
  const EnvironmentLookup& environment_;
  std::string base_;           ///< "https://registry.example.com/v2/ml/churn"
  std::string authorization_;  ///< what worked last
};

}  // namespace failgate
