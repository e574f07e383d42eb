#include "controller/cli/terminal.h"

#include "controller/base/secret.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

std::string_view CodeOf(Colour colour) {
  switch (colour) {
    case Colour::kPlain:
      return "";
    case Colour::kGood:
      return "\033[32m";
    case Colour::kBad:
      return "\033[31m";
    case Colour::kPending:
      return "\033[33m";
    case Colour::kFaint:
      return "\033[2m";
  }
  return "";
}

}  // namespace

void Terminal::Line(std::string_view text) {
  out_ << text << '\n' << std::flush;
}

void Terminal::Json(std::string_view text) {
  while (!text.empty() && text.back() == '\n') {
    text.remove_suffix(1);
  }
  Line(text);
}

void Terminal::Raw(std::string_view text) {
  out_ << text << std::flush;
}

void Terminal::Error(std::string_view text) {
  err_ << "failgate: " << EscapeControls(Redact(text)) << '\n' << std::flush;
}

void Terminal::Note(std::string_view text) {
  err_ << text << '\n' << std::flush;
}

void Terminal::Progress(std::string_view text) {
  if (traits_.interactive) {
    err_ << "\r\033[K" << text << std::flush;
  } else if (!text.empty()) {
    Note(text);
  }
}

std::string Terminal::Paint(Colour colour, std::string_view text) const {
  const std::string_view code = CodeOf(colour);
  if (!traits_.colour || code.empty() || text.empty()) {
    return std::string(text);
  }
  return std::string(code).append(text).append("\033[0m");
}

}  // namespace failgate
