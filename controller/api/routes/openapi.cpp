#include "controller/api/answers.h"
#include "controller/api/openapi_text.h"
#include "controller/api/routes/routes.h"

namespace failgate {

void AddOpenapiRoutes(ApiRoutes& routes) {
  routes.Get(
      "/api/v1/openapi.json", {}, [](const ApiCall&) { return JsonAnswer(200, OpenapiText()); });
}

}  // namespace failgate
