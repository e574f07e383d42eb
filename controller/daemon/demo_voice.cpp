#include "controller/daemon/demo_voice.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <ostream>
#include <vector>

#include "controller/base/secret.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::string_view kPlainStyle;
constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kCommand = "\x1b[36m";
constexpr std::string_view kDim = "\x1b[2m";
constexpr std::string_view kGood = "\x1b[32m";
constexpr std::string_view kBad = "\x1b[31m";
constexpr std::string_view kReset = "\x1b[0m";

}  // namespace

DemoColour ColourOfOutput() {
  const char* refused = std::getenv("NO_COLOR");
  const bool wanted = refused == nullptr || *refused == '\0';
  return wanted && ::isatty(STDOUT_FILENO) == 1 ? DemoColour::kColour : DemoColour::kPlain;
}

DemoVoice::DemoVoice(std::ostream& out, DemoColour colour) : out_(out), colour_(colour) {}

void DemoVoice::Chapter(int number, std::string_view title) {
  out_ << '\n';
  Line(kBold, "", fmt::format("{}. {}", number, title));
}

void DemoVoice::Say(std::string_view text) {
  Line(kPlainStyle, "   ", text);
}

void DemoVoice::Typed(std::string_view who, std::string_view command) {
  Line(kCommand, "   ", fmt::format("{}$ {}", who, command));
}

void DemoVoice::Answer(std::string_view text) {
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  if (text.empty()) return;
  for (std::string line : Split(text, '\n')) {
    // git fills up what a remote's hook says, to paint over its own progress.
    line.erase(line.find_last_not_of(' ') + 1);
    Line(kDim, "     | ", line);
  }
}

void DemoVoice::Proved(std::string_view text) {
  Line(kGood, "   => ", text);
}

void DemoVoice::Failed(std::string_view text) {
  Line(kBad, "   FAILED: ", text);
}

void DemoVoice::Line(std::string_view style, std::string_view margin, std::string_view text) {
  const std::string safe = EscapeControls(Redact(text));
  const bool coloured = colour_ == DemoColour::kColour && !style.empty();
  if (coloured) out_ << style;
  out_ << margin << safe;
  if (coloured) out_ << kReset;
  // Each line at once: the story is watched while it happens, also through a pipe.
  out_ << std::endl;
}

}  // namespace failgate
