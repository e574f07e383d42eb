#include "controller/cli/state_colour.h"

#include <algorithm>
#include <initializer_list>

namespace failgate {
namespace {

bool IsOneOf(const std::string& word, std::initializer_list<const char*> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

Colour ColourOf(const std::string& word) {
  if (IsOneOf(word,
              {"running", "healthy", "pass", "passed", "succeeded", "done", "ok", "success"})) {
    return Colour::kGood;
  }
  if (IsOneOf(word,
              {"failed",
               "fail",
               "blocked",
               "stopped",
               "refused",
               "invalid",
               "unhealthy",
               "drifted",
               "cancelled"})) {
    return Colour::kBad;
  }
  if (IsOneOf(word,
              {"waiting",
               "held",
               "wait",
               "deferred",
               "deploying",
               "removing",
               "queued",
               "warn",
               "superseded"})) {
    return Colour::kPending;
  }
  return Colour::kPlain;
}

}  // namespace failgate
