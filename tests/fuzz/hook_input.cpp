#include "tests/fuzz/hook_input.h"

#include <utility>

#include "controller/base/text.h"
#include "tests/fuzz/require.h"

namespace failgate {
namespace {

void RequireContract(const ParsedDelivery& parsed) {
  Require(parsed.sender == EscapeControls(parsed.sender));
  Require(parsed.event_name == EscapeControls(parsed.event_name));
  const bool moves =
      !(parsed.ref_updates.empty() && parsed.image_pushes.empty() && parsed.models.empty());
  for (const std::string& model : parsed.models) {
    Require(!model.empty() && model.size() <= 256 && model == EscapeControls(model));
  }
  // An analysis moves nothing, and is a reason to ask all the same.
  const bool push = parsed.kind == ParsedDelivery::Kind::kPush;
  Require(push == moves || (push && parsed.event_name == "analysis"));
  Require((parsed.kind == ParsedDelivery::Kind::kIgnored) == !parsed.ignored_because.empty());
  for (const ImagePush& image : parsed.image_pushes) {
    Require(!image.tag.empty() && image.tag.size() <= 128 && !image.repository.empty());
    Require(image.tag == EscapeControls(image.tag));
    Require(image.repository == EscapeControls(image.repository));
  }
  for (const RefUpdate& update : parsed.ref_updates) {
    Require(IsValidRefName(update.ref) && update.ref.substr(0, 5) == "refs/");
    Require(!update.after || IsObjectId(update.after->text()));
    Require(!update.deleted || !update.after.has_value());
  }
}

}  // namespace

HookInput SplitHookInput(const std::uint8_t* data, std::size_t size) {
  HookInput input;
  if (size > 0) {
    input.body.assign(reinterpret_cast<const char*>(data), size - 1);
    // 0 for a line feed, so that seeds are the ordinary request.
    input.variant = (static_cast<unsigned>(data[size - 1]) + 256U - unsigned{'\n'}) % 256U;
  }
  return input;
}

void FuzzVerified(const Provider& provider, RawDelivery request) {
  const auto verified = provider.Verify(std::move(request));
  Require(verified.has_value());
  const auto parsed = provider.Parse(*verified);
  if (!parsed) {
    const int status = parsed.error().status;
    Require(status == 400 || status == 422);
    return;
  }
  RequireContract(*parsed);
}

void FuzzHeaders(const Provider& provider, RawDelivery request, std::string_view input) {
  for (auto& header : request.headers) {
    const std::string kept = std::exchange(header.second, std::string(input));
    const auto verified = provider.Verify(request);
    if (verified) {
      static_cast<void>(provider.Parse(*verified).has_value());
    } else {
      const int status = verified.error().status;
      Require(status == 400 || status == 401 || status == 415);
    }
    header.second = kept;
  }
}

}  // namespace failgate
