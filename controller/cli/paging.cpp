#include "controller/cli/paging.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "controller/cli/api_client.h"
#include "controller/cli/exit_code.h"
#include "controller/cli/json_fields.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxPage = 200;

}  // namespace

PagedItems ReadPages(const PageReader& page, std::size_t limit, Terminal& terminal) {
  PagedItems result;
  std::vector<nlohmann::json> items;
  std::string before;
  while (items.size() < limit) {
    const std::size_t wanted = std::min(kMaxPage, limit - items.size());
    const ClientResponse response = page(before, wanted);
    if (!Succeeded(response, terminal)) {
      result.exit_code = ExitCodeOf(response);
      return result;
    }
    std::vector<nlohmann::json> some = Items(ParseAnswer(response.body));
    for (nlohmann::json& item : some) {
      items.push_back(std::move(item));
    }
    std::string next = response.Header("X-Next-Before").value_or("");
    if (next.empty() || next == before) {
      break;
    }
    before = std::move(next);
  }
  result.items = std::move(items);
  result.exit_code = kExitDone;
  return result;
}

std::string DumpItems(const std::vector<nlohmann::json>& items) {
  return nlohmann::json(items).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace failgate
