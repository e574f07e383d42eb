#include "controller/cli/init_templates.h"

#include "controller/base/error.h"

namespace failgate {

const std::string& InitTemplate(const std::string& path) {
  for (const EmbeddedFile& file : InitTemplates()) {
    if (file.path == path) {
      return file.content;
    }
  }
  throw Error(Remedy::kNeedsChange, "the program carries no template " + path);
}

std::string ReplaceAll(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

}  // namespace failgate
