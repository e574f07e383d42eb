#include "controller/cli/terminal.h"

#include <gtest/gtest.h>

#include <sstream>

#include "controller/base/secret.h"
#include "controller/cli/table.h"

namespace failgate {
namespace {

struct Screen {
  explicit Screen(bool colour = false) : terminal(out, err, {false, colour}) {}
  std::ostringstream out;
  std::ostringstream err;
  Terminal terminal;
};

TEST(Terminal, PaintsOnlyWhereColoursAreWanted) {
  EXPECT_EQ(Screen(false).terminal.Paint(Colour::kBad, "failed"), "failed");
  EXPECT_EQ(Screen(true).terminal.Paint(Colour::kBad, "failed"), "\033[31mfailed\033[0m");
  EXPECT_EQ(Screen(true).terminal.Paint(Colour::kPlain, "x"), "x");
}

TEST(Terminal, ShowsErrorsOnOneLineWithoutSecrets) {
  Screen screen;
  RegisterSecret(Secret("canary-of-the-terminal"));
  screen.terminal.Error("no canary-of-the-terminal\nhere\033[2J");
  EXPECT_EQ(screen.err.str(), "failgate: no ***\\u000ahere\\u001b[2J\n");
  EXPECT_EQ(screen.out.str(), "");
}

TEST(Table, AlignsColumnsByCharactersNotBytes) {
  Screen screen;
  Table table({"NAME", "STATE"});
  table.Add({"été", "ok"});
  table.Add({"winter", ""});
  table.Print(screen.terminal);
  EXPECT_EQ(screen.out.str(), "NAME    STATE\nété     ok\nwinter  -\n");
}

TEST(Table, KeepsColumnsAlignedWhenPainted) {
  Screen screen(true);
  Table table({"A", "B"});
  table.Add({{"failed", Colour::kBad}, "x"});
  table.Print(screen.terminal);
  EXPECT_NE(screen.out.str().find("\033[31mfailed\033[0m  x\n"), std::string::npos);
}

TEST(Table, LetsNoTextMoveTheCursor) {
  Screen screen;
  Table table({"A"});
  table.Add({"\033[2Jx\ny"});
  table.Print(screen.terminal);
  EXPECT_EQ(screen.out.str(), "A\n\\u001b[2Jx\\u000ay\n");
}

}  // namespace
}  // namespace failgate
