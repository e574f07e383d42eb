#include <fmt/format.h>

#include <filesystem>

#include "controller/cli/doctor_checks.h"
#include "controller/cli/log_key.h"
#include "controller/deploylog/deploy_log.h"
#include "controller/trust/owners_file.h"
#include "controller/trust/policy_trust.h"

namespace failgate {
namespace {

/// Of what the controller fetched last; a machine that never ran has nothing to say.
std::optional<DoctorCheck> CheckHead(const ServerFile& server,
                                     ProcessRunner& processes,
                                     TimePoint now) {
  const auto mirror = MirrorOfOperations(server);
  if (!std::filesystem::exists(mirror / "HEAD")) {
    return std::nullopt;
  }
  const Repository repository = Repository::Open(mirror);
  const auto main = repository.Ref(kAcceptedMainRef);
  if (!main) {
    return std::nullopt;
  }
  const auto controller = LogTree(repository, repository.Ref(kAcceptedLogRef)).Controller();
  const std::optional<PolicyInForce> told = controller ? controller->policy : std::nullopt;
  const PolicyStanding standing =
      PolicyTrust(server.trust->owners, processes).Look(repository, *main, told, now);
  if (!standing.trouble.empty()) {
    return DoctorCheck{"policy",
                       standing.in_force ? CheckState::kWarn : CheckState::kFail,
                       standing.trouble,
                       "let an owner sign: failgate policy sign --key KEY, then git push"};
  }
  return DoctorCheck{
      "policy",
      CheckState::kOk,
      fmt::format("signed by {} with {}", standing.in_force->signer, standing.in_force->key),
      ""};
}

}  // namespace

std::vector<DoctorCheck> CheckPolicy(const ServerFile& server,
                                     ProcessRunner& processes,
                                     TimePoint now) {
  std::vector<DoctorCheck> checks;
  if (!server.trust) {
    return checks;
  }
  const Parsed<AllowedSigners> owners = LoadOwners(server.trust->owners);
  if (!owners) {
    for (const Problem& problem : owners.error()) {
      checks.push_back({"owners of policy",
                        CheckState::kFail,
                        Describe(problem),
                        "mend the file: until then no policy is in force"});
    }
    return checks;
  }
  checks.push_back(
      {"owners of policy", CheckState::kOk, fmt::format("{} keys", owners->signers().size()), ""});
  try {
    if (auto head = CheckHead(server, processes, now)) {
      checks.push_back(std::move(*head));
    }
  } catch (const Error& error) {
    checks.push_back({"policy", CheckState::kFail, error.what(), "mend the mirror in data_dir"});
  }
  return checks;
}

}  // namespace failgate
