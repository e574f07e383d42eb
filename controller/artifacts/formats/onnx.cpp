// ONNX is protobuf without a magic: a ModelProto has ir_version, graph and opset_import. Numbers of
// fields are those of onnx.proto.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "controller/artifacts/formats/model_files.h"
#include "controller/base/ids.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr int kMaxFields = 5'000'000;
/// A graph in a graph is five messages deeper at most.
constexpr int kMaxDepth = 100;
constexpr std::size_t kMaxText = 4096;
constexpr unsigned long long kMaxIrVersion = 20;

/// One field of a message; of a length-delimited one, where its content lies.
struct Field {
  unsigned long long number = 0;
  unsigned long long wire = 0;
  unsigned long long value = 0;
  long long begin = 0;
  long long end = 0;
};

/// Walks over the fields of one message in [at, end).
class Fields {
 public:
  Fields(const ByteSource& source, long long at, long long end)
      : source_(source), at_(at), end_(end) {}
  /// nullopt at the end, or where `broken`.
  std::optional<Field> Next() {
    if (at_ >= end_ || broken_) return std::nullopt;
    Field field;
    const auto key = Varint();
    if (!key) return Broken();
    field.number = *key >> 3U;
    field.wire = *key & 7U;
    std::optional<unsigned long long> length;
    switch (field.wire) {
      case 0: {
        const auto value = Varint();
        if (!value) return Broken();
        field.value = *value;
        return field;
      }
      case 1:
        length = 8;
        break;
      case 2:
        length = Varint();
        break;
      case 5:
        length = 4;
        break;
      default:
        return Broken();
    }
    if (field.number == 0 || !length || *length > static_cast<unsigned long long>(end_ - at_)) {
      return Broken();
    }
    field.begin = at_;
    at_ += static_cast<long long>(*length);
    field.end = at_;
    return field;
  }
  [[nodiscard]] bool broken() const { return broken_; }

 private:
  std::optional<Field> Broken() {
    broken_ = true;
    return std::nullopt;
  }
  std::optional<unsigned long long> Varint() {
    const std::string bytes = source_.Read(at_, 10);
    unsigned long long value = 0;
    for (std::size_t i = 0; i < bytes.size() && at_ < end_; ++i) {
      const auto byte = static_cast<unsigned char>(bytes[i]);
      ++at_;
      value |= static_cast<unsigned long long>(byte & 0x7FU) << (7U * i);
      if ((byte & 0x80U) == 0) return value;
    }
    return std::nullopt;
  }

  const ByteSource& source_;
  long long at_;
  long long end_;
  bool broken_ = false;
};

/// Messages of onnx.proto that hold tensors, at whatever depth.
enum class Message {
  kModel,
  kGraph,
  kNode,
  kAttribute,
  kTensor,
  kSparseTensor,
  kTraining,
  kFunction,
  kExternalData
};

struct Part {
  Message of;
  unsigned long long number;
  Message is;
};
constexpr std::array<Part, 20> kParts = {{{Message::kModel, 7, Message::kGraph},
                                          {Message::kModel, 20, Message::kTraining},
                                          {Message::kModel, 25, Message::kFunction},
                                          {Message::kTraining, 1, Message::kGraph},
                                          {Message::kTraining, 2, Message::kGraph},
                                          {Message::kFunction, 7, Message::kNode},
                                          {Message::kFunction, 11, Message::kAttribute},
                                          {Message::kGraph, 1, Message::kNode},
                                          {Message::kGraph, 5, Message::kTensor},
                                          {Message::kGraph, 15, Message::kSparseTensor},
                                          {Message::kNode, 5, Message::kAttribute},
                                          {Message::kAttribute, 5, Message::kTensor},
                                          {Message::kAttribute, 6, Message::kGraph},
                                          {Message::kAttribute, 10, Message::kTensor},
                                          {Message::kAttribute, 11, Message::kGraph},
                                          {Message::kAttribute, 22, Message::kSparseTensor},
                                          {Message::kAttribute, 23, Message::kSparseTensor},
                                          {Message::kSparseTensor, 1, Message::kTensor},
                                          {Message::kSparseTensor, 2, Message::kTensor},
                                          {Message::kTensor, 13, Message::kExternalData}}};

/// Looks at the tensors of a model that lie in other files, those of graphs in nodes included.
class ExternalData {
 public:
  explicit ExternalData(const ByteSource& source) : source_(source) {}

  /// Empty: none leaves the folder.
  std::string Fault() {
    Field model;
    model.end = source_.size();
    return Of(Message::kModel, model, 0);
  }

 private:
  std::string Of(Message message, const Field& at, int depth) {
    if (message == Message::kExternalData) return OfEntry(at);
    if (depth > kMaxDepth) return "its graphs lie too deep in each other";
    Fields fields(source_, at.begin, at.end);
    while (const auto field = fields.Next()) {
      if (++seen_ > kMaxFields) return "it has too many fields";
      const auto* const part =
          std::find_if(kParts.begin(), kParts.end(), [&](const Part& candidate) {
            return candidate.of == message && candidate.number == field->number;
          });
      if (part == kParts.end() || field->wire != 2) continue;
      if (std::string fault = Of(part->is, *field, depth + 1); !fault.empty()) return fault;
    }
    return fields.broken() ? "a part of it is damaged" : "";
  }

  std::string OfEntry(const Field& entry) {
    std::string key;
    std::string value;
    Fields fields(source_, entry.begin, entry.end);
    while (const auto field = fields.Next()) {
      const auto size = static_cast<std::size_t>(field->end - field->begin);
      if (field->wire != 2 || size > kMaxText) return "an external_data is damaged";
      (field->number == 1 ? key : value) = source_.Read(field->begin, size);
    }
    if (fields.broken()) return "an external_data is damaged";
    if (key == "location" && !IsSafeRelativePath(value)) {
      return fmt::format("external_data \"{}\" leaves the folder", OneLine(value, 80));
    }
    return "";
  }

  const ByteSource& source_;
  int seen_ = 0;
};

}  // namespace

std::optional<RecognisedFormat> RecogniseOnnx(const ByteSource& source) {
  const std::string head = source.Read(0, 2);
  if (head.size() < 2 || head[0] != '\x08' || head[1] < 1 ||
      static_cast<unsigned long long>(head[1]) > kMaxIrVersion) {
    return std::nullopt;
  }
  Fields fields(source, 0, source.size());
  std::optional<Field> graph;
  bool opset = false;
  int seen = 0;
  while (const auto field = fields.Next()) {
    if (++seen > kMaxFields) return std::nullopt;
    if (field->number == 7 && field->wire == 2) {
      if (graph) return RecognisedFormat{"damaged", LoadSafety::kUnknown, "onnx: two graphs"};
      graph = field;
    }
    opset = opset || (field->number == 8 && field->wire == 2);
  }
  if (!graph || !opset) return std::nullopt;
  if (fields.broken()) {
    return RecognisedFormat{"damaged", LoadSafety::kUnknown, "onnx: it is cut off"};
  }
  if (const std::string fault = ExternalData(source).Fault(); !fault.empty()) {
    return RecognisedFormat{"damaged", LoadSafety::kUnknown, "onnx: " + fault};
  }
  return RecognisedFormat{"onnx", LoadSafety::kData};
}

}  // namespace failgate
