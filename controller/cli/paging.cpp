#include "controller/cli/paging.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "controller/base/text.h"
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
  std::vector<std::string> texts;
  std::string before;
  while (items.size() < limit) {
    const std::size_t wanted = std::min(kMaxPage, limit - items.size());
    const ClientResponse response = page(before, wanted);
    if (!Succeeded(response, terminal)) {
      result.exit_code = ExitCodeOf(response);
      return result;
    }
    for (nlohmann::json& item : Items(ParseAnswer(response.body))) {
      items.push_back(std::move(item));
    }
    // Parsed anew: only this type keeps the order in which the server wrote the keys.
    for (const auto& item : nlohmann::ordered_json::parse(response.body)) {
      texts.push_back(item.dump());
    }
    std::string next = response.Header("X-Next-Before").value_or("");
    if (next.empty() || next == before) {
      break;
    }
    before = std::move(next);
  }
  result.items = std::move(items);
  result.json = "[" + Join(texts, ",") + "]";
  result.exit_code = kExitDone;
  return result;
}

}  // namespace failgate
