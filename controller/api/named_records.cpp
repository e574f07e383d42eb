#include "controller/api/named_records.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/api/answers.h"
#include "controller/api/routes/snapshot_answers.h"

namespace failgate {
namespace {

constexpr std::size_t kMinShortId = 7;
constexpr std::size_t kWholeId = 36;
/// More than two, because some may be nobody's to see.
constexpr std::size_t kMostCompared = 100;

bool IsShortId(std::string_view text) {
  return text.size() >= kMinShortId && text.size() < kWholeId &&
         text.find_first_not_of("0123456789abcdef-") == std::string_view::npos;
}

bool StartsWith(const std::string& id, const std::string& begin) {
  return id.compare(0, begin.size(), begin) == 0;
}

/// Behind every id that begins with `begin`: ids are hexadecimal.
std::string Behind(const std::string& begin) {
  return begin + "g";
}

/// `begun`: visible records whose ids begin with `id`.
template <typename Record>
Result<Record, HttpResponse> TheOnly(std::vector<Record> begun,
                                     const std::string& id,
                                     const char* one,
                                     const char* several) {
  if (begun.size() > 1) {
    return ErrorAnswer(
        422,
        "ambiguous_id",
        fmt::format("{} begins the ids of several {}: write more of it", id, several));
  }
  if (begun.empty()) {
    return NoSuch(std::string("such ") + one);
  }
  return std::move(begun.front());
}

}  // namespace

Result<Run, HttpResponse> NamedRun(const ApiServices& services, const ApiCall& call) {
  const std::string id = call.Parameter("run");
  std::vector<Run> found;
  if (auto run = services.runs.Get(RunId(id))) {
    found.push_back(std::move(*run));
  } else if (IsShortId(id)) {
    RunFilter filter;
    filter.before = Behind(id);
    filter.limit = kMostCompared;
    found = services.runs.List(filter);
  }
  found.erase(std::remove_if(found.begin(),
                             found.end(),
                             [&](const Run& run) {
                               return !StartsWith(run.id.text(), id) ||
                                      !call.who.Covers(run.project);
                             }),
              found.end());
  return TheOnly(std::move(found), id, "run", "runs");
}

Result<DeliveryRecord, HttpResponse> NamedDelivery(const ApiServices& services,
                                                   const ApiCall& call) {
  const std::string id = call.Parameter("delivery");
  std::vector<DeliveryRecord> found;
  if (auto delivery = services.inbox.Show(id)) {
    found.push_back(std::move(*delivery));
  } else if (IsShortId(id)) {
    DeliveryFilter filter;
    filter.before = Behind(id);
    filter.limit = kMostCompared;
    found = services.inbox.List(filter);
  }
  found.erase(std::remove_if(found.begin(),
                             found.end(),
                             [&](const DeliveryRecord& delivery) {
                               return !StartsWith(delivery.id, id) ||
                                      !CoversSource(services, call.who, delivery.source);
                             }),
              found.end());
  return TheOnly(std::move(found), id, "delivery", "deliveries");
}

}  // namespace failgate
