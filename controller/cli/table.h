// Rows with aligned columns.
#pragma once

#include <string>
#include <vector>

#include "controller/cli/terminal.h"

namespace failgate {

struct Cell {
  Cell(std::string cell_text, Colour cell_colour = Colour::kPlain)  // NOLINT
      : text(std::move(cell_text)), colour(cell_colour) {}
  Cell(const char* cell_text) : text(cell_text) {}  // NOLINT(google-explicit-constructor)
  std::string text;
  Colour colour = Colour::kPlain;
};

/// Columns are as wide as their widest cell (in characters), two blanks apart; the last one is not
/// padded. Empty cells are printed as "-". Texts are shown without control characters.
class Table {
 public:
  explicit Table(std::vector<std::string> titles) : titles_(std::move(titles)) {}
  void Add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  void Print(Terminal& terminal) const;

 private:
  std::vector<std::string> titles_;
  std::vector<std::vector<Cell>> rows_;
};

/// Characters of valid UTF-8.
[[nodiscard]] std::size_t CharactersIn(const std::string& text);

}  // namespace failgate
