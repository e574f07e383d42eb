// approvals/E/RELEASE/EMAIL.yaml: a person's yes or no, signed beside it. Pure; whether it counts
// is asked elsewhere.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "controller/base/clock.h"
#include "controller/base/ids.h"
#include "controller/base/result.h"

namespace failgate {

struct ApprovalFile {
  std::string path;
  EnvironmentName environment;
  ReleaseName release;
  std::string email;   ///< of the path
  ObjectId blob;       ///< the file
  ObjectId signature;  ///< its .sig; empty: there is none
  std::string record;  ///< "sha256:…" of the release record it speaks of
  bool rejects = false;
  std::optional<TimePoint> expires;  ///< an approval has one; in whole seconds
  std::string text;                  ///< what the person says, one line
  Problems problems;                 ///< with problems it never counts
};

/// "approvals/prod/churn-42/alice@example.com.yaml"; its signature lies at the same path + ".sig".
[[nodiscard]] std::string ApprovalPath(const EnvironmentName& environment,
                                       const ReleaseName& release,
                                       const std::string& email);
inline constexpr std::string_view kSignatureEnding = ".sig";

/// environment, release and verdict must be those of the path. Never fails as a whole.
[[nodiscard]] ApprovalFile ReadApprovalFile(const EnvironmentName& environment,
                                            const ReleaseName& release,
                                            const std::string& email,
                                            std::string_view text);
/// The text that ReadApprovalFile reads back.
[[nodiscard]] std::string WriteApprovalFile(const ApprovalFile& approval);

}  // namespace failgate
