#include "controller/cli/policy_signer.h"

#include <fmt/format.h>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/text.h"
#include "controller/trust/policy_proof.h"

namespace failgate {
namespace {

constexpr Milliseconds kDeadline{120'000};  // an agent may ask its person to touch a key
constexpr std::size_t kMaxSignatureBytes = std::size_t{64} << 10U;
constexpr std::size_t kShownComplaint = 400;

/// What git and ssh-keygen need to act as the person: nothing else of their environment is passed.
constexpr const char* kPassed[] = {"PATH",
                                   "HOME",
                                   "XDG_CONFIG_HOME",
                                   "TMPDIR",
                                   "SSH_AUTH_SOCK",
                                   "SSH_ASKPASS",
                                   "SSH_ASKPASS_REQUIRE",
                                   "SSH_SK_PROVIDER",
                                   "DISPLAY",
                                   "WAYLAND_DISPLAY",
                                   "EMAIL",
                                   "GIT_CONFIG_GLOBAL",
                                   "GIT_CONFIG_NOSYSTEM",
                                   "GIT_AUTHOR_NAME",
                                   "GIT_AUTHOR_EMAIL",
                                   "GIT_COMMITTER_NAME",
                                   "GIT_COMMITTER_EMAIL"};

[[noreturn]] void Fail(const std::string& action, const ProcessResult& result) {
  const std::string said = OneLine(Trim(result.stderr_text), kShownComplaint);
  throw Error(Remedy::kNeedsChange,
              fmt::format("{}: {}", action, said.empty() ? DescribeEnd(result, kDeadline) : said));
}

}  // namespace

PolicySigner::PolicySigner(std::filesystem::path clone, const EnvironmentLookup& environment)
    : clone_(std::filesystem::absolute(clone).lexically_normal()) {
  for (const char* name : kPassed) {
    if (const auto value = environment(name)) {
      environment_.emplace_back(name, *value);
    }
  }
  environment_.emplace_back("LC_ALL", "C.UTF-8");
}

ProcessResult PolicySigner::Run(std::vector<std::string> argv) {
  ProcessSpec spec;
  spec.argv = std::move(argv);
  spec.cwd = clone_;
  spec.env = environment_;
  spec.timeout = kDeadline;
  return runner_.Run(spec);
}

ProcessResult PolicySigner::Git(const std::vector<std::string>& arguments) {
  std::vector<std::string> argv{"git", "--no-pager"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return Run(std::move(argv));
}

std::filesystem::path PolicySigner::WorkTree() {
  const ProcessResult root = Git({"rev-parse", "--show-toplevel"});
  if (!root.Succeeded()) {
    Fail(fmt::format("looking for the work tree of {}", clone_.string()), root);
  }
  std::string path = root.stdout_text;
  if (!path.empty() && path.back() == '\n') {
    path.pop_back();
  }
  return path;
}

std::string PolicySigner::Uncommitted() {
  const ProcessResult status = Git({"status",
                                    "--porcelain",
                                    "--untracked-files=all",
                                    "--",
                                    ":/environments",
                                    ":/people_signers",
                                    ":/allowed_signers",
                                    ":/policy.sig"});
  if (!status.Succeeded()) {
    Fail("asking git what is not committed", status);
  }
  return status.stdout_text;
}

std::string PolicySigner::Sign(const std::string& listing, const std::filesystem::path& key) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "listing";
  WriteFileDurably(file, listing, 0600);
  const ProcessResult result = Run({"ssh-keygen",
                                    "-Y",
                                    "sign",
                                    "-n",
                                    std::string(kPolicyNamespace),
                                    "-f",
                                    std::filesystem::absolute(key).string(),
                                    file.string()});
  if (!result.Succeeded()) {
    Fail(fmt::format("signing with {} (a key with a passphrase must be in an agent: ssh-add it, "
                     "then name its .pub file)",
                     key.string()),
         result);
  }
  return ReadFile(file.string() + ".sig", kMaxSignatureBytes);
}

void PolicySigner::Commit(const std::string& signature, const std::string& message) {
  const std::filesystem::path file = WorkTree() / kPolicySignatureFile;
  WriteFileDurably(file, signature);
  const ProcessResult added = Git({"add", "--force", "--", file.string()});
  if (!added.Succeeded()) {
    Fail("adding policy.sig", added);
  }
  const ProcessResult committed =
      Git({"commit", "--quiet", "--message", message, "--only", "--", file.string()});
  if (!committed.Succeeded()) {
    Fail("committing policy.sig", committed);
  }
}

}  // namespace failgate
