#include "tests/integration/promotion/signing_people.h"

#include "controller/base/error.h"
#include "controller/base/text.h"

namespace failgate {

std::string SigningPeople::KeyFile(const std::string& email) const {
  return (world_.folder.path() / ("key-of-" + email)).string();
}

void SigningPeople::Run(const std::vector<std::string>& argv) {
  ProcessSpec spec;
  spec.argv = argv;
  spec.env = {{"PATH", "/usr/local/bin:/usr/bin:/bin"}};
  spec.timeout = std::chrono::minutes(1);
  const ProcessResult result = runner_.Run(spec);
  Check(result.Succeeded(), argv.front() + ": " + result.stderr_text);
}

std::string SigningPeople::Line(const std::string& email,
                                const std::string& options,
                                const std::string& kind) {
  if (!std::filesystem::exists(KeyFile(email))) {
    Run({"ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "", "-f", KeyFile(email)});
  }
  const std::string key(Trim(ReadFile(KeyFile(email) + ".pub")));
  return email + " " + options + (options.empty() ? "" : " ") + key + "\n";
}

void SigningPeople::List(const std::string& lines) {
  world_.EditMain({{"people_signers", lines}}, "List people");
}

std::string SigningPeople::CommitLocally(const std::string& email,
                                         const std::map<std::string, std::string>& files,
                                         const std::string& message) {
  GitWorld& operations = world_.operations;
  const auto set = [&](const char* key, const std::string& value) {
    operations.git().Run(operations.clone(), {"config", key, value});
  };
  set("gpg.format", "ssh");
  set("user.signingKey", KeyFile(email));
  set("commit.gpgSign", "true");
  std::string id = operations.Commit(files, message, "A Person <" + email + ">");
  if (!date.empty()) {
    GitProgram& git = operations.git();
    git.Run(operations.clone(), {"commit", "-q", "--amend", "--no-edit", "--date", date});
    git.Run(operations.clone(),
            {"rebase", "-q", "--force-rebase", "--committer-date-is-author-date", "HEAD~1"});
    id = git.Run(operations.clone(), {"rev-parse", "HEAD"});
  }
  set("commit.gpgSign", "false");
  return id;
}

std::string SigningPeople::Commit(const std::string& email,
                                  const std::map<std::string, std::string>& files,
                                  const std::string& message) {
  world_.operations.Pull();
  const std::string id = CommitLocally(email, files, message);
  world_.operations.Push();
  return id;
}

std::string SigningPeople::Sign(const std::string& email,
                                const std::string& bytes,
                                const std::string& name_space) {
  const auto file = world_.folder.path() / "to-sign";
  WriteFileDurably(file, bytes);
  std::filesystem::remove(file.string() + ".sig");
  Run({"ssh-keygen", "-q", "-Y", "sign", "-f", KeyFile(email), "-n", name_space, file.string()});
  return ReadFile(file.string() + ".sig");
}

}  // namespace failgate
