// `failgate demo`: real repositories, real pushes, real webhooks, on this machine, told as a story.
#pragma once

#include <filesystem>

namespace failgate {

struct DemoOptions {
  std::filesystem::path folder;  ///< empty: a new temporary one, removed at the end
  int port = 0;                  ///< 0 = any free one
  bool once = false;             ///< end after the story; else serve on until Ctrl-C
};

/// 0 when every chapter went as it should.
int RunDemo(const DemoOptions& options);

}  // namespace failgate
