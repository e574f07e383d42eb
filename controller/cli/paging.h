// Lists longer than one answer of the server.
#pragma once

#include <cstddef>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "controller/cli/terminal.h"
#include "controller/http/http_client.h"

namespace failgate {

/// Asks for at most `limit` items older than `before` (empty = from the newest).
using PageReader = std::function<ClientResponse(const std::string& before, std::size_t limit)>;

struct PagedItems {
  std::optional<std::vector<nlohmann::json>>
      items;         ///< nullopt: the server refused, as it was told
  std::string json;  ///< them as one compact array, each as the server wrote it
  int exit_code = 0;
};

/// Pages of at most 200 until there are `limit` items or no more: the header X-Next-Before says
/// where the next page begins (a page may be short because its token may not see all of it).
[[nodiscard]] PagedItems ReadPages(const PageReader& page, std::size_t limit, Terminal& terminal);

}  // namespace failgate
