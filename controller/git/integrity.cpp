#include "controller/git/integrity.h"

#include <string>

#include "controller/git/git_program.h"

namespace failgate {
namespace {

constexpr int kNice = 10;

}  // namespace

bool RepositoryIsIntact(ProcessRunner& runner,
                        const std::filesystem::path& repository,
                        Milliseconds deadline) {
  GitSettings settings = CommonGitSettings();
  // What a fetch lets in (remote.cpp) is no damage.
  for (const char* fault : {"zeroPaddedFilemode",
                            "badTimezone",
                            "missingSpaceBeforeDate",
                            "missingNameBeforeEmail",
                            "missingEmail"}) {
    settings.emplace_back(std::string("fsck.") + fault, "ignore");
  }
  ProcessSpec spec = GitSpec({"--git-dir=" + repository.native(),
                              "fsck",
                              "--full",
                              "--no-dangling",
                              "--no-progress",
                              "--no-reflogs"},
                             settings,
                             repository,
                             "/dev/null");
  spec.nice = kNice;
  spec.timeout = deadline;
  return runner.Run(spec).Succeeded();
}

}  // namespace failgate
