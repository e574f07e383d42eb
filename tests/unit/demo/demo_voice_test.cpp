#include "controller/daemon/demo_voice.h"

#include <gtest/gtest.h>

#include <sstream>

#include "controller/base/secret.h"

namespace failgate {
namespace {

TEST(DemoVoice, SpeaksPlainLinesWithoutColour) {
  std::ostringstream out;
  DemoVoice voice(out, DemoColour::kPlain);
  voice.Chapter(2, "A push");
  voice.Typed("dana", "git push");
  voice.Answer("one\ntwo\n\n");
  voice.Proved("it is so");
  EXPECT_EQ(out.str(), "\n2. A push\n   dana$ git push\n     | one\n     | two\n   => it is so\n");
}

TEST(DemoVoice, ColoursWholeLinesWhenAsked) {
  std::ostringstream out;
  DemoVoice(out, DemoColour::kColour).Proved("it is so");
  EXPECT_EQ(out.str(), "\x1b[32m   => it is so\x1b[0m\n");
}

TEST(DemoVoice, PrintsNothingForAnEmptyAnswer) {
  std::ostringstream out;
  DemoVoice(out, DemoColour::kPlain).Answer("\n");
  EXPECT_EQ(out.str(), "");
}

TEST(DemoVoice, KeepsSecretsToItself) {
  RegisterSecret(Secret("canary-of-the-demo"));
  std::ostringstream out;
  DemoVoice(out, DemoColour::kPlain).Answer("token canary-of-the-demo");
  EXPECT_EQ(out.str(), "     | token ***\n");
}

TEST(DemoVoice, LetsNoChildDriveTheTerminal) {
  std::ostringstream out;
  DemoVoice(out, DemoColour::kPlain).Answer("a\x1b[2Jb");
  EXPECT_EQ(out.str().find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace failgate
