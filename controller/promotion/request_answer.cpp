#include "controller/promotion/request_answer.h"

#include <nlohmann/json.hpp>

namespace failgate {

RequestAnswer RefuseRequest(int status, std::string code, std::string message) {
  RequestAnswer answer;
  answer.status = status;
  answer.code = std::move(code);
  answer.message = std::move(message);
  return answer;
}

std::string WriteJson(const RequestAnswer& answer, const std::string& request) {
  nlohmann::json json{{"http", answer.status}, {"request", request}};
  if (answer.refused()) {
    json["error"] = {{"code", answer.code}, {"message", answer.message}};
  } else {
    json["status"] = "accepted";
    json["message"] = answer.message;
  }
  if (!answer.commit.empty()) {
    json["commit"] = answer.commit.text();
  }
  if (!answer.outcome.empty()) {
    json["outcome"] = answer.outcome;
    json["gates"] = nlohmann::json::array();
    for (const GateVerdict& verdict : answer.gates) {
      nlohmann::json gate{{"gate", verdict.gate},
                          {"mode", Word(verdict.mode)},
                          {"verdict", Word(verdict.verdict)},
                          {"reason", verdict.reason}};
      gate["until"] = verdict.until ? nlohmann::json(FormatTime(*verdict.until)) : nlohmann::json();
      json["gates"].push_back(std::move(gate));
    }
  }
  return json.dump();
}

}  // namespace failgate
