// How the demo speaks: plain lines everywhere, colour on a terminal that wants it.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>

namespace failgate {

enum class DemoColour { kPlain, kColour };

/// kColour only when standard output is a terminal and NO_COLOR is not set (https://no-color.org).
[[nodiscard]] DemoColour ColourOfOutput();

/// Registered secrets never leave it. Not thread-safe. `out` must outlive it.
class DemoVoice {
 public:
  DemoVoice(std::ostream& out, DemoColour colour);

  void Chapter(int number, std::string_view title);
  void Say(std::string_view text);
  /// A command as `who` types it.
  void Typed(std::string_view who, std::string_view command);
  /// What a command printed, line by line, control characters escaped.
  void Answer(std::string_view text);
  /// What has come true.
  void Proved(std::string_view text);
  void Failed(std::string_view text);

 private:
  void Line(std::string_view style, std::string_view margin, std::string_view text);

  std::ostream& out_;
  DemoColour colour_;
};

}  // namespace failgate
