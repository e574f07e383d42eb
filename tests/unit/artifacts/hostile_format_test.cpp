// Files that are made to be taken for something else, or to cost more than they are worth.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "controller/artifacts/formats/pickle_walk.h"
#include "tests/unit/artifacts/python_files.h"

namespace failgate {
namespace {

using namespace std::string_literals;

void ExpectIs(const std::string& bytes, const std::string& format) {
  const RecognisedFormat found = FormatOf(bytes);
  EXPECT_EQ(found.format, format) << found.why;
  EXPECT_NE(found.safety, LoadSafety::kData) << found.why;
}

/// Counts what is read of a file that is large and of one byte all over.
class Endless : public ByteSource {
 public:
  Endless(std::string head, char fill, long long size)
      : head_(std::move(head)), fill_(fill), size_(size) {}
  [[nodiscard]] long long size() const override { return size_; }
  [[nodiscard]] std::string Read(long long offset, std::size_t count) const override {
    if (offset < 0 || offset >= size_) return {};
    std::string bytes(std::min(count, static_cast<std::size_t>(size_ - offset)), fill_);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const auto at = static_cast<std::size_t>(offset) + i;
      if (at < head_.size()) bytes[i] = head_[at];
    }
    read_ += static_cast<long long>(bytes.size());
    return bytes;
  }
  [[nodiscard]] long long read() const { return read_; }

 private:
  std::string head_;
  char fill_;
  long long size_;
  mutable long long read_ = 0;
};

std::string Safetensors(const std::string& header, std::size_t data) {
  std::string bytes;
  for (unsigned shift = 0; shift < 64; shift += 8) {
    bytes += static_cast<char>((header.size() >> shift) & 0xFFU);
  }
  return bytes + header + std::string(data, '\0');
}

std::string Tensor(const std::string& name, int from, int to) {
  return fmt::format(
      R"("{}":{{"dtype":"U8","shape":[{}],"data_offsets":[{},{}]}})", name, to - from, from, to);
}

std::string Zip(const std::string& script) {
  return PythonBytes(
      "import zipfile, io, pickle, warnings\nwarnings.simplefilter('ignore')\nb = io.BytesIO()\n"
      "z = zipfile.ZipFile(b, 'w')\n" +
      script + "\nz.close()\nraw = b.getvalue()\nout.write(raw)");
}

TEST(HostileFormat, FindsAPickleBeforeOtherBytes) {
  // Loading ends at the STOP, whatever follows; and what is called before a fault has been called.
  ExpectIs("cos\nsystem\n(S'id'\ntR.\nJust a text that nobody suspects.\n", "pickle");
  ExpectIs("cos\nsystem\n(S'id'\ntR\nno STOP here", "damaged");
  EXPECT_EQ(FormatOf("cos\nsystem\n(S'id'\ntR\nno STOP here").safety, LoadSafety::kCode);
  ExpectIs("\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02id\x85R"s + "\xff", "damaged");
  // A protocol that stands behind the first opcode.
  ExpectIs("N0\x80\x02N.", "pickle");
}

TEST(HostileFormat, IsNotLedAstrayByLengthsAndDepth) {
  ExpectIs("\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7f."s, "damaged");
  ExpectIs("\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\xff."s, "damaged");
  ExpectIs("\x80\x04X\xff\xff\xff\xff."s, "damaged");
  EXPECT_NE(FormatOf("\x80\x04."s).format, "pickle");  // STOP without a value
  EXPECT_EQ(WalkPickle(MemoryBytes(std::string(1'000'000, '('))).end, PickleEnd::kTooLong);
  const Endless opcodes("\x80\x04"s, 'N', 1LL << 40U);
  EXPECT_EQ(WalkPickle(opcodes).end, PickleEnd::kTooLong);
  EXPECT_LT(opcodes.read(), 70LL << 20U);
  const Endless line("S"s, 'x', 1LL << 40U);
  EXPECT_EQ(WalkPickle(line).end, PickleEnd::kTooLong);
  EXPECT_LT(line.read(), 70LL << 20U);
}

TEST(HostileFormat, ReadsABoundedPartOfAHugeFile) {
  for (const std::string& head :
       {"x"s, "\x80\x04"s, "PAR1"s, "\x08\x07"s, "\x1f\x8b\x08"s, "PK\x03\x04"s}) {
    const Endless huge(head, '\0', 1LL << 44U);
    static_cast<void>(RecogniseFormat(huge));
    EXPECT_LT(huge.read(), 100LL << 20U) << head;
  }
}

TEST(HostileFormat, CallsTwoFormatsAtOnceAmbiguous) {
  const std::string zip = Zip("z.writestr('a', 'b')");
  ExpectIs("\x80\x04N."s + zip, "ambiguous");
  ExpectIs("#!/bin/sh\nexit\n" + zip, "ambiguous");
  ExpectIs(PythonBytes("import zipfile, io\nb = io.BytesIO(b'\\x80\\x04N.')\nb.seek(0, 2)\n"
                       "z = zipfile.ZipFile(b, 'a')\nz.writestr('a', 'b')\nz.close()\n"
                       "out.write(b.getvalue())"),
           "ambiguous");
  const std::string tensors =
      Safetensors("{" + Tensor("a", 0, static_cast<int>(zip.size())) + "}", 0);
  ExpectIs(tensors + zip, "ambiguous");
}

TEST(HostileFormat, DoesNotBelieveZipArchivesThatContradictThemselves) {
  ExpectIs(Zip("z.writestr('../a', 'b')"), "damaged");
  ExpectIs(Zip("z.writestr('/a', 'b')"), "damaged");
  ExpectIs(Zip("z.writestr('a', 'b')\nz.writestr('a', 'c')"), "damaged");
  ExpectIs("PK\x03\x04" + Zip("z.writestr('a', 'b')"), "damaged");
  // One body that two entries claim: how small archives unpack to much.
  ExpectIs(Zip("z.writestr('a', 'b' * 100)\nz.writestr('c', 'd')\n"
               "z.filelist[1].header_offset = z.filelist[0].header_offset"),
           "damaged");
}

TEST(HostileFormat, TellsWhatABombUnpacksToWithoutUnpacking) {
  const RecognisedFormat bomb =
      FormatOf(Zip("z.writestr('a', 'b')\nz.filelist[0].file_size = 1 << 40\n"));
  EXPECT_EQ(bomb.format, "zip");
  EXPECT_EQ(bomb.unpacked, 1LL << 40U);
  ExpectIs(PythonBytes("import zlib\nout.write(zlib.compress(b'\\0' * (64 << 20), 9))"), "zlib");
}

TEST(HostileFormat, SeesPicklesInArrays) {
  ExpectIs(Zip("z.writestr('a.npy', pickle.dumps(1))"), "damaged");
  ExpectIs(Zip("z.writestr('archive/data.pkl', pickle.dumps(1))\nz.writestr('b.npy', b'')"),
           "torch");
}

TEST(HostileFormat, HoldsSafetensorsToTheirRules) {
  EXPECT_EQ(
      FormatOf(Safetensors("{" + Tensor("a", 0, 4) + "," + Tensor("b", 4, 8) + "}", 8)).format,
      "safetensors");
  ExpectIs(Safetensors("{" + Tensor("a", 0, 4) + "," + Tensor("b", 3, 8) + "}", 8), "damaged");
  ExpectIs(Safetensors("{" + Tensor("a", 0, 4) + "," + Tensor("b", 5, 8) + "}", 8), "damaged");
  ExpectIs(Safetensors("{" + Tensor("a", 0, 4) + "," + Tensor("a", 4, 8) + "}", 8), "damaged");
  ExpectIs(Safetensors("{" + Tensor("a", 0, 9) + "}", 8), "damaged");
  ExpectIs(Safetensors("{" + Tensor("a", 4, 0) + "}", 0), "damaged");
  ExpectIs(Safetensors("{" + Tensor("a", 0, 4), 4), "damaged");
  ExpectIs(Safetensors("{\"a\":{\"dtype\":\"U8\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4),
           "damaged");
  ExpectIs(Safetensors("{" + std::string(200'000, '[') + "}", 0), "damaged");
  // A header longer than the file, and one longer than is read.
  ExpectIs("\xff\xff\0\0\0\0\0\0{}"s, "damaged");
  const Endless long_header("\0\0\0\x40\0\0\0\0{"s, ' ', 1LL << 34U);
  EXPECT_EQ(RecogniseFormat(long_header).format, "damaged");
  ExpectIs("\xff\xff\xff\xff\xff\xff\xff\xff{}"s, "unknown");
}

TEST(HostileFormat, DoesNotLetOnnxLeaveItsFolder) {
  std::string onnx = KeptBytes("external.onnx");
  const std::string inside = "weights.bin";
  const std::size_t at = onnx.find(inside);
  ASSERT_NE(at, std::string::npos);
  ExpectIs(onnx.replace(at, inside.size(), "../etc/pass"), "damaged");
}

}  // namespace
}  // namespace failgate
