#include "controller/cli/table.h"

#include <algorithm>

#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kGap = 2;

std::string ShownText(const Cell& cell) {
  return cell.text.empty() ? "-" : EscapeControls(cell.text);
}

}  // namespace

std::size_t CharactersIn(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

void Table::Print(Terminal& terminal) const {
  std::vector<std::size_t> widths;
  widths.reserve(titles_.size());
  for (const std::string& title : titles_) {
    widths.push_back(CharactersIn(title));
  }
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], CharactersIn(ShownText(row[i])));
    }
  }
  const auto print = [&](const std::vector<Cell>& row) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string text = ShownText(row[i]);
      line += terminal.Paint(row[i].colour, text);
      if (i + 1 < row.size() && i < widths.size()) {
        line.append(widths[i] - CharactersIn(text) + kGap, ' ');
      }
    }
    terminal.Line(line);
  };
  std::vector<Cell> head;
  head.reserve(titles_.size());
  for (const std::string& title : titles_) {
    head.emplace_back(title, Colour::kFaint);
  }
  print(head);
  for (const auto& row : rows_) {
    print(row);
  }
}

}  // namespace failgate
