#include "controller/git/tree_bytes.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/error.h"

namespace failgate {
namespace {

constexpr std::size_t kIdBytes = 20;

/// Git sorts a folder as if its name ended with '/'.
int CompareNames(std::string_view a, bool a_folder, std::string_view b, bool b_folder) {
  const std::size_t both = std::min(a.size(), b.size());
  if (const int order = a.substr(0, both).compare(b.substr(0, both)); order != 0) {
    return order;
  }
  const auto next = [both](std::string_view name, bool folder) {
    const char end = folder ? '/' : '\0';
    return static_cast<int>(static_cast<unsigned char>(both < name.size() ? name[both] : end));
  };
  return next(a, a_folder) - next(b, b_folder);
}

[[noreturn]] void RefuseTree() {
  throw Error(Remedy::kNeedsChange, "editing a folder: its object is no tree");
}

unsigned ParseMode(std::string_view text) {
  unsigned mode = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '7') {
      RefuseTree();
    }
    mode = mode * 8 + static_cast<unsigned>(digit - '0');
  }
  return mode;
}

}  // namespace

bool TreeBytes::Key::operator<(const Key& other) const {
  return CompareNames(name, folder, other.name, other.folder) < 0;
}

TreeBytes::TreeBytes(std::string_view bytes) : bytes_(bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const std::size_t space = bytes.find(' ', at);
    const std::size_t end = space == std::string_view::npos ? space : bytes.find('\0', space);
    if (end == std::string_view::npos || bytes.size() - end - 1 < kIdBytes || space - at > 6 ||
        end == space + 1) {
      RefuseTree();
    }
    Place place;
    place.begin = at;
    place.end = end + 1 + kIdBytes;
    place.entry = {bytes.substr(space + 1, end - space - 1),
                   ParseMode(bytes.substr(at, space - at)),
                   bytes.substr(end + 1, kIdBytes)};
    places_.push_back(place);
    at = place.end;
  }
}

std::vector<TreeBytes::Place>::const_iterator TreeBytes::LowerBound(std::string_view name,
                                                                    bool folder) const {
  return std::lower_bound(
      places_.begin(), places_.end(), name, [folder](const Place& place, std::string_view wanted) {
        return CompareNames(place.entry.name, place.entry.mode == kTreeModeFolder, wanted, folder) <
               0;
      });
}

const TreeBytes::Place* TreeBytes::PlaceOf(std::string_view name) const {
  for (const bool folder : {false, true}) {
    const auto place = LowerBound(name, folder);
    if (place != places_.end() && place->entry.name == name) {
      return &*place;
    }
  }
  return nullptr;
}

std::optional<RawTreeEntry> TreeBytes::Find(std::string_view name) const {
  const Place* place = PlaceOf(name);
  return place == nullptr ? std::nullopt : std::optional<RawTreeEntry>(place->entry);
}

void TreeBytes::Put(const std::string& name, unsigned mode, std::string_view id) {
  Check(id.size() == kIdBytes && !name.empty(), "an entry of a tree has a name and an id");
  Remove(name);
  std::string entry = fmt::format("{:o} {}", mode, name);
  entry += '\0';
  entry += id;
  edits_[Key{name, mode == kTreeModeFolder}] = std::move(entry);
}

void TreeBytes::Remove(const std::string& name) {
  if (const Place* place = PlaceOf(name)) {
    edits_[Key{name, place->entry.mode == kTreeModeFolder}] = "";
  }
}

std::string TreeBytes::Edited() const {
  std::string edited;
  edited.reserve(bytes_.size() + 64 * edits_.size());
  std::size_t copied = 0;
  for (const auto& edit : edits_) {
    const auto place = LowerBound(edit.first.name, edit.first.folder);
    const std::size_t at = place == places_.end() ? bytes_.size() : place->begin;
    edited += bytes_.substr(copied, at - copied);
    edited += edit.second;
    const bool same = place != places_.end() && place->entry.name == edit.first.name &&
                      (place->entry.mode == kTreeModeFolder) == edit.first.folder;
    copied = same ? place->end : at;
  }
  return edited + std::string(bytes_.substr(copied));
}

}  // namespace failgate
