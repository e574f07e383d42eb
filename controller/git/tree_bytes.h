// A tree object edited as the bytes that git stores: a folder of thousands of files is neither
// taken apart nor built anew for one file. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace failgate {

inline constexpr unsigned kTreeModeFolder = 040000;
inline constexpr unsigned kTreeModeFile = 0100644;
inline constexpr unsigned kTreeModeExecutable = 0100755;

/// One entry of a tree object.
struct RawTreeEntry {
  std::string_view name;
  unsigned mode = 0;
  std::string_view id;  ///< 20 raw bytes
};

/// Edits on the bytes of one tree, which outlive it.
class TreeBytes {
 public:
  /// "" = the empty tree. Throws Error(kNeedsChange) for bytes that are no tree.
  explicit TreeBytes(std::string_view bytes);

  /// Before any edit.
  [[nodiscard]] std::optional<RawTreeEntry> Find(std::string_view name) const;
  /// At most one edit a name. Put replaces what has this name, Remove takes also what is absent.
  void Put(const std::string& name, unsigned mode, std::string_view id);
  void Remove(const std::string& name);
  /// The edited tree, in git's order.
  [[nodiscard]] std::string Edited() const;

 private:
  struct Place {
    RawTreeEntry entry;
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  struct Key {
    std::string name;
    bool folder = false;
    bool operator<(const Key& other) const;
  };
  [[nodiscard]] std::vector<Place>::const_iterator LowerBound(std::string_view name,
                                                              bool folder) const;
  [[nodiscard]] const Place* PlaceOf(std::string_view name) const;

  std::string_view bytes_;
  std::vector<Place> places_;
  std::map<Key, std::string> edits_;  ///< the new entry's bytes; empty = removed
};

}  // namespace failgate
