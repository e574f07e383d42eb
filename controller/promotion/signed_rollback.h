// A person's signed commit went back to an earlier release: what it took back is excepted.
#pragma once

#include "controller/deploylog/deploy_log.h"
#include "controller/git/signing_key.h"
#include "controller/promotion/situation.h"
#include "controller/promotion/wish.h"

namespace failgate {

/// Writes the release that ran into `except` of the desired file, on behalf of who signed, for each
/// pair whose last order is such a way back and whose file is still as that commit made it. So it
/// is done once, whatever is killed when, and what a person takes out of `except` stays out. Left
/// alone: a file that names the release already, and a release of the same revision and data as the
/// one that was gone back to. True: something was written. Throws Error when the remote fails.
[[nodiscard]] bool ExceptWhatSignersTookBack(const Situation& situation,
                                             const LogView& view,
                                             WishFinder& wishes,
                                             DeployLog& log,
                                             const SigningKey& key);

}  // namespace failgate
