#include "controller/api/log_answer.h"

#include <string>
#include <utility>

#include "controller/api/answers.h"
#include "controller/api/step_log.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxChunkBytes = std::size_t{1} << 20U;

}  // namespace

Result<long long, HttpResponse> ReadFrom(const ApiCall& call) {
  const auto from = ParseNonNegative(call.query.Get("from").value_or("0"));
  if (!from) {
    return ErrorAnswer(422, "bad_query", "from must be a number of bytes");
  }
  return *from;
}

HttpResponse LogAnswer(const std::optional<std::filesystem::path>& path,
                       long long from,
                       bool over) {
  LogChunk chunk = path ? ReadLog(*path, from, kMaxChunkBytes) : LogChunk{};
  const long long next = from + static_cast<long long>(chunk.bytes.size());
  HttpResponse response;
  response.body = std::move(chunk.bytes);
  response.headers.emplace_back("X-Next-From", std::to_string(next));
  response.headers.emplace_back("X-Log-Complete", chunk.to_the_end && over ? "true" : "false");
  return response;
}

}  // namespace failgate
