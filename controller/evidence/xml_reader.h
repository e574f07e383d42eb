// A strict, streaming reader of XML 1.0 for reports: no tree is built, so that memory does not grow
// with hostile input, and no second, laxer parser can see something else than what was checked.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/result.h"

namespace failgate {

/// A start tag; views into the bytes that are read.
class XmlElement {
 public:
  struct Attribute {
    std::string_view name;
    std::string_view raw_value;
  };

  std::string_view name;
  std::vector<Attribute> attributes;

  /// Decoded value; nullopt when absent.
  [[nodiscard]] std::optional<std::string> Find(std::string_view attribute) const;
};

/// Called in document order; a returned Refusal ends the reading.
class XmlHandler {
 public:
  virtual ~XmlHandler() = default;
  virtual std::optional<Refusal> Start(const XmlElement& element) = 0;
  virtual std::optional<Refusal> End(std::string_view name) = 0;
  /// Character data, decoded; may come in several pieces.
  virtual void Text(const std::string& /*text*/) {}
  /// Text() is called only where this says so.
  [[nodiscard]] virtual bool WantsText() const { return false; }
};

inline constexpr std::size_t kMaxXmlDepth = 64;
inline constexpr std::size_t kMaxXmlAttributes = 1024;  ///< of one element

/// UTF-8 only; one root; tags balanced; no attribute twice; only the five predefined entities and
/// character references; depth at most kMaxXmlDepth. A DOCTYPE that only names its DTD is skipped
/// and never loaded (coverage.py writes one); an internal subset is refused. Refusals:
/// report_malformed.
[[nodiscard]] std::optional<Refusal> ReadXml(std::string_view bytes, XmlHandler& handler);

/// Name of the root element; empty when the bytes do not start as XML does.
[[nodiscard]] std::string_view XmlRootName(std::string_view bytes);

}  // namespace failgate
