#include "controller/cli/commands/sign_approval.h"

#include <fmt/format.h>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/text.h"
#include "controller/cli/exit_code.h"
#include "controller/cli/offline_clone.h"
#include "controller/cli/persons_program.h"
#include "controller/deploylog/log_tree.h"
#include "controller/git/ssh_keygen.h"
#include "controller/promotion/approval_file.h"
#include "controller/promotion/people.h"
#include "controller/promotion/promotion_snapshot.h"
#include "controller/release/release_record.h"

namespace failgate {
namespace {

constexpr Milliseconds kDefaultExpiry = std::chrono::hours(24 * 7);
constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20U;

/// What keeps the approval from being made: one sentence for the person, and the exit code.
struct Hindrance {
  int code = kExitFailed;
  std::string text;
};

class Signing {
 public:
  Signing(const SignApprovalOptions& options, CommandContext& context)
      : options_(options),
        context_(context),
        folder_(GitFolderOf(options.clone)),
        repository_(Repository::Open(folder_)),
        programs_(context.environment) {}

  std::optional<Hindrance> Make() {
    if (auto hindrance = ReadWhatIsApproved()) {
      return hindrance;
    }
    if (auto hindrance = Sign()) {
      return hindrance;
    }
    Commit();
    return std::nullopt;
  }

 private:
  std::optional<Hindrance> ReadWhatIsApproved() {
    const auto head = repository_.Ref("HEAD");
    if (!IsValidName(options_.environment) || !head ||
        !repository_.BlobId(
            *head, fmt::format("environments/{}/environment.yaml", options_.environment))) {
      return Hindrance{
          kExitUsage,
          fmt::format("the branch that is checked out has no environment {}: check out main",
                      OneLine(options_.environment, 80))};
    }
    approval_.environment = EnvironmentName(options_.environment);
    approval_.release = ReleaseName(options_.release);
    approval_.rejects = options_.rejects;
    approval_.text = options_.text;
    const auto log = BranchOfClone(repository_, kDeployLogBranchName);
    const auto json = log ? LogTree(repository_, log).Record(approval_.release) : std::nullopt;
    if (!json) {
      return Hindrance{kExitFailed,
                       fmt::format("the deploy-log of this clone has no release {}: git fetch "
                                   "origin, and look at failgate releases",
                                   OneLine(options_.release, 80))};
    }
    const auto record = ParseReleaseRecord(*json);
    if (!record) {
      return Hindrance{kExitFailed, record.error().text};
    }
    approval_.record = ReleaseRecordDigest(*record);
    people_ = ReadPeople(repository_.ReadFile(*head, kPeopleFile, kMaxFileBytes).value_or(""),
                         ObjectId());
    if (!people_.problems.empty()) {
      return Hindrance{kExitFailed, Describe(people_.problems.front())};
    }
    return ReadExpiry();
  }

  std::optional<Hindrance> ReadExpiry() {
    if (options_.expires.empty() && options_.rejects) {
      return std::nullopt;
    }
    const auto span = options_.expires.empty() ? std::optional<Milliseconds>(kDefaultExpiry)
                                               : ParseDuration(options_.expires);
    if (!span || *span <= Milliseconds(0)) {
      return Hindrance{kExitUsage, "--expires is a duration, such as 7d"};
    }
    approval_.expires = std::chrono::floor<std::chrono::seconds>(context_.clock.Now() + *span);
    return std::nullopt;
  }

  /// Whose key it is says people_signers, and so which file it becomes.
  std::optional<Hindrance> Sign() {
    text_ = WriteApprovalFile(approval_);
    const ProcessResult made = programs_.Run({"ssh-keygen",
                                              "-Y",
                                              "sign",
                                              "-n",
                                              kApprovalNamespace,
                                              "-f",
                                              std::filesystem::absolute(options_.key).string()},
                                             "/",
                                             text_);
    if (!made.Succeeded()) {
      return Hindrance{kExitFailed,
                       fmt::format("ssh-keygen does not sign with {}: {} (a key with a passphrase: "
                                   "ssh-add it, and name its .pub file)",
                                   options_.key.string(),
                                   OneLine(Trim(made.stderr_text), 300))};
    }
    signature_ = made.stdout_text;
    ProcessRunner processes;
    SshKeygen prover(processes);
    const SignatureCheck check = VerifySignature(
        signature_, text_, kApprovalNamespace, people_.signers, context_.clock.Now(), &prover);
    if (!check.good()) {
      return Hindrance{
          kExitFailed,
          fmt::format("it would not count, {}: {} must list the key with the namespace {}",
                      check.text,
                      kPeopleFile,
                      kApprovalNamespace)};
    }
    approval_.email = check.principal;
    fingerprint_ = check.fingerprint;
    return std::nullopt;
  }

  std::string Git(const std::vector<std::string>& arguments) {
    std::vector<std::string> argv = {"git"};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    const ProcessResult result =
        programs_.Run(argv, std::filesystem::absolute(options_.clone), std::nullopt);
    if (!result.Succeeded()) {
      throw Error(Remedy::kNeedsChange,
                  fmt::format("git {}: {}",
                              arguments.front(),
                              OneLine(Trim(result.stdout_text + result.stderr_text), 400)));
    }
    return std::string(Trim(result.stdout_text));
  }

  void Commit() {
    const std::filesystem::path top = Git({"rev-parse", "--show-toplevel"});
    const std::string path =
        ApprovalPath(approval_.environment, approval_.release, approval_.email);
    const std::string signature = path + std::string(kSignatureEnding);
    CreateFolders((top / path).parent_path());
    WriteFileDurably(top / path, text_);
    WriteFileDurably(top / signature, signature_);
    const char* verb = options_.rejects ? "Reject" : "Approve";
    // From the root of the tree, wherever the clone was named.
    Git({"-C", top.string(), "add", "--", path, signature});
    std::vector<std::string> commit = {
        "-C",
        top.string(),
        "commit",
        "--quiet",
        "-m",
        fmt::format("{} {} for {}", verb, approval_.release.text(), approval_.environment.text())};
    if (!approval_.text.empty()) {
      commit.insert(commit.end(), {"-m", OneLine(approval_.text, 1000)});
    }
    commit.insert(commit.end(), {"--only", "--", path, signature});
    Git(commit);
    const std::string id = Git({"rev-parse", "--short", "HEAD"});
    Terminal& terminal = context_.terminal;
    terminal.Line(fmt::format("{} {} for {}: {} in commit {}, signed by {} with {}",
                              options_.rejects ? "rejected" : "approved",
                              approval_.release.text(),
                              approval_.environment.text(),
                              path,
                              id,
                              approval_.email,
                              fingerprint_));
    if (approval_.expires) {
      terminal.Line("  it counts until " + FormatTime(*approval_.expires));
    }
    terminal.Line("next: it counts once it is on main, squashed or rebased too");
    terminal.Line(fmt::format("  git -C {} push origin HEAD:main", options_.clone.string()));
  }

  static constexpr const char* kDeployLogBranchName = "deploy-log";

  const SignApprovalOptions& options_;
  CommandContext& context_;
  std::filesystem::path folder_;
  Repository repository_;
  PersonsPrograms programs_;
  People people_;
  ApprovalFile approval_;
  std::string text_;
  std::string signature_;
  std::string fingerprint_;
};

}  // namespace

int RunSignApproval(const SignApprovalOptions& options, CommandContext& context) {
  if (!SplitReleaseName(options.release)) {
    context.terminal.Error(
        fmt::format("\"{}\" is no release: write PROJECT-NUMBER, such as churn-42",
                    OneLine(options.release, 80)));
    return kExitUsage;
  }
  if (const auto hindrance = Signing(options, context).Make()) {
    context.terminal.Error(hindrance->text);
    return hindrance->code;
  }
  return kExitDone;
}

}  // namespace failgate
