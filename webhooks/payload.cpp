#include "webhooks/payload.h"

#include <simdjson.h>

#include <algorithm>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "webhooks/json_text.h"

namespace failgate {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kMaxDepth = 64;
constexpr std::int64_t kMaxExactNumber = std::int64_t{1} << 53U;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kLeastCapacity = std::size_t{16} << 10U;
// A parser holds some fifteen times its capacity.
constexpr std::size_t kMaxKeptCapacity = std::size_t{256} << 10U;

/// The parser that this thread used last: its memory costs more to make anew than a parse takes.
std::unique_ptr<dom::parser>& SpareParser() {
  thread_local std::unique_ptr<dom::parser> spare;
  return spare;
}

class LentParser {
 public:
  LentParser() : parser_(std::move(SpareParser())) {
    if (parser_ == nullptr) {
      parser_ = std::make_unique<dom::parser>();
    }
  }
  ~LentParser() {
    if (parser_->capacity() <= kMaxKeptCapacity) {
      SpareParser() = std::move(parser_);
    }
  }
  LentParser(const LentParser&) = delete;
  LentParser& operator=(const LentParser&) = delete;
  dom::parser& operator*() { return *parser_; }

 private:
  std::unique_ptr<dom::parser> parser_;
};

simdjson::error_code Parse(dom::parser& parser, std::string_view json, dom::element& root) {
  if (parser.capacity() < json.size() || parser.max_depth() != kMaxDepth) {
    const simdjson::error_code allocated =
        parser.allocate(std::max(json.size(), kLeastCapacity), kMaxDepth);
    if (allocated != simdjson::SUCCESS) {
      return allocated;
    }
  }
  return parser.parse(json.data(), json.size(), /*realloc_if_needed=*/true).get(root);
}

bool HasDuplicateKeys(const dom::object& object) {
  std::vector<std::string_view> keys;
  keys.reserve(object.size());
  for (const dom::key_value_pair field : object) {
    keys.push_back(field.key);
  }
  // Any order that puts equal ones side by side will do; most differ in length already.
  std::sort(keys.begin(), keys.end(), [](std::string_view a, std::string_view b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  });
  return std::adjacent_find(keys.begin(), keys.end()) != keys.end();
}

// Whether the object at the dotted `name` is there and has a key twice.
bool HasDuplicateKeysAt(dom::object object, std::string_view name) {
  while (true) {
    const std::size_t dot = name.find('.');
    dom::object inner;
    if (object.at_key(name.substr(0, dot)).get(inner) != simdjson::SUCCESS) {
      return false;
    }
    if (dot == std::string_view::npos) {
      return HasDuplicateKeys(inner);
    }
    object = inner;
    name.remove_prefix(dot + 1);
  }
}

// simdjson reports broken numbers and huge ones alike; only the second kind is JSON.
bool IsJsonButForHugeNumbers(std::string_view json) {
  dom::parser parser;
  dom::element root;
  return Parse(parser, BlankNumbers(json), root) == simdjson::SUCCESS;
}

}  // namespace

struct Payload::State {
  LentParser parser;
  dom::object top;
  bool usable = true;

  /// The element at `path`, unless it is absent or null. A parent that is no object is a fault.
  std::optional<dom::element> Find(Path path) {
    dom::object object = top;
    std::size_t left = path.size();
    for (const std::string_view key : path) {
      dom::element element;
      if (object.at_key(key).get(element) != simdjson::SUCCESS || element.is_null()) {
        return std::nullopt;
      }
      if (--left == 0) {
        return element;
      }
      if (element.get(object) != simdjson::SUCCESS) {
        usable = false;
        return std::nullopt;
      }
    }
    return std::nullopt;
  }

  /// The items of the inner arrays of one object together; a wrong type is a fault.
  std::size_t CountInner(const dom::object& object, Path inner) {
    std::size_t count = 0;
    for (const std::string_view name : inner) {
      dom::element element;
      if (object.at_key(name).get(element) != simdjson::SUCCESS || element.is_null()) {
        continue;
      }
      dom::array items;
      if (element.get(items) != simdjson::SUCCESS) {
        usable = false;
        return 0;
      }
      count += items.size();
    }
    return count;
  }
};

Payload::Payload(std::unique_ptr<State> state) : state_(std::move(state)) {}
Payload::~Payload() = default;
Payload::Payload(Payload&&) noexcept = default;
Payload& Payload::operator=(Payload&&) noexcept = default;

Result<Payload, HookAnswer> Payload::Read(std::string_view body, Path unique) {
  if (body.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    return MalformedAnswer("the body starts with a byte order mark");
  }
  const std::optional<std::string> rewritten = ReplaceLoneSurrogates(body);
  const std::string_view json = rewritten ? std::string_view(*rewritten) : body;
  auto state = std::make_unique<State>();
  dom::element root;
  const simdjson::error_code failure = Parse(*state->parser, json, root);
  if (failure == simdjson::MEMALLOC) {
    throw std::bad_alloc();
  }
  if (failure == simdjson::NUMBER_ERROR && IsJsonButForHugeNumbers(json)) {
    return UnusableAnswer("a number is out of range");
  }
  if (failure != simdjson::SUCCESS) {
    return MalformedAnswer("the payload is not UTF-8 JSON at most 64 levels deep");
  }
  if (root.get(state->top) != simdjson::SUCCESS) {
    return UnusableAnswer("the payload is not an object");
  }
  bool duplicates = HasDuplicateKeys(state->top);
  for (const std::string_view name : unique) {
    duplicates = duplicates || HasDuplicateKeysAt(state->top, name);
  }
  if (duplicates) {
    return MalformedAnswer("a key stands twice in the payload");
  }
  return Payload(std::move(state));
}

std::optional<std::string_view> Payload::Text(Path path, std::size_t max_bytes) {
  const std::optional<dom::element> element = state_->Find(path);
  if (!element) {
    return std::nullopt;
  }
  std::string_view text;
  if (element->get(text) != simdjson::SUCCESS || text.size() > max_bytes) {
    state_->usable = false;
    return std::nullopt;
  }
  return text;
}

std::optional<bool> Payload::Flag(Path path) {
  const std::optional<dom::element> element = state_->Find(path);
  if (!element) {
    return std::nullopt;
  }
  bool flag = false;
  if (element->get(flag) != simdjson::SUCCESS) {
    state_->usable = false;
    return std::nullopt;
  }
  return flag;
}

std::optional<std::int64_t> Payload::Number(Path path) {
  const std::optional<dom::element> element = state_->Find(path);
  if (!element) {
    return std::nullopt;
  }
  std::int64_t number = 0;
  if (element->get(number) != simdjson::SUCCESS || number < 0 || number > kMaxExactNumber) {
    state_->usable = false;
    return std::nullopt;
  }
  return number;
}

bool Payload::HasObject(Path path) {
  const std::optional<dom::element> element = state_->Find(path);
  if (element && !element->is_object()) {
    state_->usable = false;
  }
  return element && element->is_object();
}

void Payload::CheckObjects(Path path, std::size_t max_items, Path inner, std::size_t max_inner) {
  const std::optional<dom::element> element = state_->Find(path);
  if (!element) {
    return;
  }
  dom::array items;
  if (element->get(items) != simdjson::SUCCESS || items.size() > max_items) {
    state_->usable = false;
    return;
  }
  for (const dom::element item : items) {
    dom::object object;
    if (item.get(object) != simdjson::SUCCESS || state_->CountInner(object, inner) > max_inner) {
      state_->usable = false;
      return;
    }
  }
}

void Payload::EachObject(Path path,
                         std::size_t max_items,
                         const std::function<void(Payload& item)>& read) {
  const std::optional<dom::element> element = state_->Find(path);
  if (!element) {
    return;
  }
  dom::array items;
  if (element->get(items) != simdjson::SUCCESS || items.size() > max_items) {
    state_->usable = false;
    return;
  }
  const dom::object outer = state_->top;
  for (const dom::element item : items) {
    dom::object object;
    if (item.get(object) != simdjson::SUCCESS || HasDuplicateKeys(object)) {
      state_->usable = false;
      break;
    }
    state_->top = object;
    read(*this);
  }
  state_->top = outer;
}

bool Payload::usable() const {
  return state_->usable;
}

}  // namespace failgate
