// Where commands write: standard output for answers, standard error for everything said beside
// them.
#pragma once

#include <ostream>
#include <string>
#include <string_view>

namespace failgate {

enum class Colour { kPlain, kGood, kBad, kPending, kFaint };

/// Not thread-safe. The streams must outlive it.
class Terminal {
 public:
  struct Traits {
    bool interactive = false;  ///< a person watches: progress may be drawn
    bool colour = false;
  };
  Terminal(std::ostream& out, std::ostream& err, Traits traits)
      : out_(out), err_(err), traits_(traits) {}

  /// One line of the answer.
  void Line(std::string_view text);
  /// A JSON text on one line of its own, whether or not it ends in a line end already.
  void Json(std::string_view text);
  /// Part of the answer as it is, such as a step's log.
  void Raw(std::string_view text);
  /// "failgate: TEXT" on standard error, redacted, without control characters.
  void Error(std::string_view text);
  /// A line on standard error that is no error: progress, or what to do next.
  void Note(std::string_view text);
  /// How far long work is: a line that the next one is written over on a terminal ("" takes it
  /// away), a line of its own in a pipe. On standard error.
  void Progress(std::string_view text);
  /// The text in a colour where colours are wanted, else as it is.
  [[nodiscard]] std::string Paint(Colour colour, std::string_view text) const;
  [[nodiscard]] const Traits& traits() const { return traits_; }

 private:
  std::ostream& out_;
  std::ostream& err_;
  Traits traits_;
};

}  // namespace failgate
