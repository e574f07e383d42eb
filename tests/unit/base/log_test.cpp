#include "controller/base/log.h"

#include <gtest/gtest.h>

#include "controller/base/secret.h"

namespace failgate {
namespace {

using testing::internal::CaptureStderr;
using testing::internal::GetCapturedStderr;

TEST(Log, KeepsEachEntryOnOnePlainLineWithoutSecrets) {
  RegisterSecret(Secret("log-secret-4711"));
  CaptureStderr();
  log::Warning("two\nlines", {{"name", "a b"}, {"token", "log-secret-4711"}, {"quote", "\""}});
  const std::string printed = GetCapturedStderr();
  EXPECT_NE(printed.find("Z warning two\\u000alines name=\"a b\" token=*** quote=\"\\\"\"\n"),
            std::string::npos)
      << printed;
  EXPECT_EQ(printed.find('\x1b'), std::string::npos);
}

TEST(Log, TakesTextThatLooksLikeAFormat) {
  CaptureStderr();
  log::Error("100 % of {} and %s");
  EXPECT_NE(GetCapturedStderr().find("error 100 % of {} and %s\n"), std::string::npos);
}

TEST(Log, PrintsFromItsLevelOn) {
  log::Start(log::Level::kDebug);
  CaptureStderr();
  log::Debug("seen");
  EXPECT_NE(GetCapturedStderr().find("debug seen"), std::string::npos);
  log::Start(log::Level::kWarning);
  CaptureStderr();
  log::Info("unseen");
  EXPECT_EQ(GetCapturedStderr(), "");
}

}  // namespace
}  // namespace failgate
