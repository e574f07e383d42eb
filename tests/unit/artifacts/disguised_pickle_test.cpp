// Pickles that are written to be taken for something that runs no code.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/unit/artifacts/python_files.h"

namespace failgate {
namespace {

using namespace std::string_literals;

constexpr const char* kCall = "cos\nsystem\n(S'id'\ntR.";

void ExpectCode(const std::string& bytes) {
  const RecognisedFormat found = FormatOf(bytes);
  EXPECT_EQ(found.safety, LoadSafety::kCode) << found.format << " " << bytes.substr(0, 40);
}

TEST(DisguisedPickle, IsSeenBehindNumbersThatOnlyPythonReads) {
  for (const std::string number : {"I0o7\n0",
                                   "I0O7\n0",
                                   "I\v7\n0",
                                   "I0b1\n0",
                                   "I7_000\n0",
                                   "Finfinity\n0",
                                   "F-INF\n0",
                                   "Fnan\n0",
                                   "L0x1fL\n0"}) {
    ExpectCode(number + kCall);
  }
  // The C code of Python ends such a line at a byte of zero, and goes on behind the line feed.
  ExpectCode("I1\0 anything?\n0"s + kCall);
  ExpectCode("F1.5\0 anything?\n0"s + kCall);
  ExpectCode("(lp1\0 anything?\n0"s + kCall);
}

TEST(DisguisedPickle, IsSeenBehindMoreMarksThanAreKept) {
  const RecognisedFormat found = FormatOf(std::string(200'000, '(') + kCall);
  EXPECT_EQ(found.format, "pickle");
  EXPECT_EQ(found.safety, LoadSafety::kCode);
}

TEST(DisguisedPickle, IsSeenBehindFramesThatEndInsideAnOpcode) {
  // Python drops the two bytes that are left of the frame, reads eight more, and then the call;
  // who reads on takes them for the number's, and its last byte for no opcode.
  ExpectCode("\x95\x03\0\0\0\0\0\0\0G12345678\xff\xff"s + kCall);
  ExpectCode("N\x95\x03\0\0\0\0\0\0\0L12345\n\xff"s + kCall);
  ExpectCode(
      "\x95\x03\0\0\0\0\0\0\0(L\xa0"
      "5\n"s +
      kCall);
  // A frame in a frame.
  ExpectCode("\x95\x0a\0\0\0\0\0\0\0\x95\x0a\0\0\0\0\0\0\0\xff("s + kCall);
  // An honest one that holds no pickle.
  EXPECT_EQ(FormatOf("\x95\x01\0\0\0\0\0\0\0N\xff"s).format, "unknown");
}

TEST(DisguisedPickle, IsNotSeenInWords) {
  for (const std::string text : {"Identity\nof customers\n",
                                 "Identification\n",
                                 "Lint\n",
                                 "Fine, one line\nand another\n",
                                 "Iteration 7\n",
                                 "get\nset\n",
                                 "For x in y\n"}) {
    const RecognisedFormat found = FormatOf(text);
    EXPECT_EQ(found.format, "text") << text;
    EXPECT_EQ(found.safety, LoadSafety::kData) << text;
  }
}

TEST(DisguisedPickle, IsSeenInAFileOfTensors) {
  // "G" takes the eight bytes behind it; what follows runs.
  ExpectCode("GGUF\3\0\0\0\0"s + kCall);
  ExpectCode("GGUF\3\0\0\0\0"s + kCall + std::string(4096, '\0'));
  // A length of 0x1958 is "X", which takes up to the text; EXT1 (0x82) calls what is registered.
  const auto with = [](const std::string& text) {
    std::string header = "{\"__metadata__\":{\"a\":\"" + text;
    header += std::string(0x1958 - header.size() - 3, ' ') + "\"}}";
    return "\x58\x19\0\0\0\0\0\0"s + header;
  };
  EXPECT_EQ(FormatOf(with("a model")), (RecognisedFormat{"safetensors", LoadSafety::kData}));
  EXPECT_EQ(FormatOf(with("K\xc2\x82"
                          "A0"))
                .format,
            "ambiguous");
  ExpectCode(
      with("K\xc2\x82"
           "A0"));
}

TEST(DisguisedPickle, IsSeenInTheSecondStreamOfAPackedFile) {
  const std::string packed =
      "import gzip, zlib, pickle\nbad = b'cos\\nsystem\\n(S\\'id\\'\\ntR.'\n"
      "pack = lambda b: WAY.compress(b)\n";
  for (const char* way : {"gzip", "zlib"}) {
    const std::string set = packed + "WAY = " + way + "\n";
    ExpectCode(PythonBytes(set + "out.write(pack(b'(') + pack(bad))"));
    ExpectCode(PythonBytes(set + "out.write(pack(b'') + pack(bad))"));
  }
}

TEST(DisguisedPickle, IsNotHiddenByBytesBehindAZipArchive) {
  const std::string zip = PythonBytes(
      "import zipfile, io\nb = io.BytesIO()\nz = zipfile.ZipFile(b, 'w')\n"
      "z.writestr('__main__.py', 'print(1)')\nz.close()\nout.write(b.getvalue())");
  for (const std::string& behind : {""s, "x"s, std::string(60'000, '\0')}) {
    const RecognisedFormat found = FormatOf("\x08\x07 no format\xff" + zip + behind);
    EXPECT_EQ(found.format, "ambiguous") << behind.size();
    EXPECT_EQ(found.safety, LoadSafety::kCode);
  }
}

}  // namespace
}  // namespace failgate
