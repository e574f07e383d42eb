// Commits on main on behalf of a person who asked it: their name as author, our key as proof.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "controller/deploylog/deploy_log.h"
#include "controller/git/signing_key.h"

namespace failgate {

struct MainEdit {
  std::string path;
  std::string subject;
  std::string request;           ///< id; found again after a crash
  std::string kind = "promote";  ///< of the request
  /// The file may say it already by a commit that is nobody's: then a comment is added, so that the
  /// wish becomes this person's.
  bool restate = false;
  std::string reason;
  Person person;
  /// Present text (nullopt: no file) to wanted text; called again after a lost race.
  std::function<Parsed<std::string>(const std::optional<std::string>&)> edit;
};

struct MainWritten {
  CommitId commit;       ///< of main, holds what was wished
  bool already = false;  ///< it was as wished before, or an earlier try wrote it
};

/// On the remote when it returns, once a request: a push whose answer was lost counts. A lost race
/// is fetched and tried anew; problems of the file refuse. Throws Error when the remote cannot be
/// reached or refuses.
[[nodiscard]] Parsed<MainWritten> WriteMain(DeployLog& log,
                                            const SigningKey& key,
                                            const MainEdit& edit,
                                            TimePoint now);

}  // namespace failgate
