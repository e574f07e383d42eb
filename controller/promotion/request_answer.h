// What a person's wish came to, as the API answers it.
#pragma once

#include <string>
#include <vector>

#include "controller/base/ids.h"
#include "policies/decision.h"

namespace failgate {

struct RequestAnswer {
  int status = 202;                ///< HTTP
  std::string code;                ///< of a refusal: "not_found", "gate_refused", …
  std::string message;             ///< one sentence
  CommitId commit;                 ///< on main or deploy-log; empty when there is none
  std::vector<GateVerdict> gates;  ///< as they stand now
  std::string outcome;             ///< "passed", "blocked", "deferred" or empty
  [[nodiscard]] bool refused() const { return status >= 400; }
};

[[nodiscard]] RequestAnswer RefuseRequest(int status, std::string code, std::string message);
/// {"status","message","commit","outcome","gates"} or {"error":{"code","message"},"gates"}, with
/// "http" for the route that answers.
[[nodiscard]] std::string WriteJson(const RequestAnswer& answer, const std::string& request);

}  // namespace failgate
