#include "policies/artifact_facts.h"

namespace failgate {

const std::vector<std::string>& FileFormats() {
  static const std::vector<std::string> kFormats = {
      "ambiguous", "bzip2",  "damaged",     "elf",    "empty", "gguf", "gzip",
      "hdf5",      "joblib", "lz4",         "lzma",   "npy",   "npz",  "onnx",
      "parquet",   "pickle", "safetensors", "script", "tar",   "text", "torch",
      "unknown",   "wheel",  "xz",          "zip",    "zlib",  "zstd"};
  return kFormats;
}

std::string Word(LoadSafety safety) {
  switch (safety) {
    case LoadSafety::kData:
      return "data";
    case LoadSafety::kCode:
      return "code";
    case LoadSafety::kUnknown:
      return "unknown";
  }
  return {};
}

}  // namespace failgate
