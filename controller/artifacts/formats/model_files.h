// Files of numbers that say themselves how they are laid out: safetensors, npy, ONNX,
// GGUF, HDF5, Parquet.
#pragma once

#include <optional>

#include "controller/artifacts/formats/byte_source.h"
#include "controller/artifacts/formats/recognised_format.h"

namespace failgate {

/// nullopt: the bytes do not claim to be it. What claims to be it and is not whole is "damaged".
[[nodiscard]] std::optional<RecognisedFormat> RecogniseSafetensors(const ByteSource& source);
[[nodiscard]] std::optional<RecognisedFormat> RecogniseNpy(const ByteSource& source);
/// Of an array's first bytes; `size` is how many there are of it in all.
[[nodiscard]] std::optional<RecognisedFormat> RecogniseNpyHead(const std::string& head,
                                                               long long size);
[[nodiscard]] std::optional<RecognisedFormat> RecogniseOnnx(const ByteSource& source);
[[nodiscard]] std::optional<RecognisedFormat> RecogniseGguf(const ByteSource& source);
[[nodiscard]] std::optional<RecognisedFormat> RecogniseHdf5(const ByteSource& source);
[[nodiscard]] std::optional<RecognisedFormat> RecogniseParquet(const ByteSource& source);

}  // namespace failgate
