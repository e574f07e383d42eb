#include "tests/integration/api/webhook_rows.h"

#include <stdexcept>
#include <utility>

#include "tests/integration/api/api_world.h"

namespace failgate {
namespace {

const std::string kClose = "Connection: close\r\n";

}  // namespace

std::string RawHookAs(const std::string& method,
                      const std::string& path,
                      const RawDelivery& request) {
  return RawRequest(method, path, request.headers, request.body);
}

std::string RawHook(const TestSender& sender, const RawDelivery& request) {
  return RawHookAs("POST", "/hooks/" + sender.word, request);
}

std::string KeptOpen(std::string bytes) {
  return Replaced(std::move(bytes), kClose, "");
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  if (at == std::string::npos) {
    throw std::invalid_argument("there is no " + from);
  }
  return text.replace(at, from.size(), to);
}

void AddCases(std::vector<WebhookRow>& rows,
              const TestSender& sender,
              const std::vector<HookCase>& cases) {
  AddCases(rows, sender.word, cases);
}

void AddCases(std::vector<WebhookRow>& rows,
              const std::string& receiver,
              const std::vector<HookCase>& cases) {
  for (const HookCase& one : cases) {
    WebhookRow row;
    row.number = one.number;
    row.what = receiver + ": " + one.what;
    row.bytes = RawHookAs("POST", "/hooks/" + receiver, one.request);
    row.answers = {one.answer};
    rows.push_back(std::move(row));
  }
}

}  // namespace failgate
