#include "controller/git/folder_memory.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <random>

namespace failgate {
namespace {

/// Names as files of releases have them, each followed by 20 bytes of noise.
std::string Folder(int entries, int seed) {
  std::mt19937 random(static_cast<std::mt19937::result_type>(seed));
  std::string bytes;
  for (int i = 0; i < entries; ++i) {
    bytes += "100644 churn-" + std::to_string(i) + ".json";
    bytes += '\0';
    for (int byte = 0; byte < 20; ++byte) {
      bytes += static_cast<char>(random());
    }
  }
  return bytes;
}

std::string Inflate(const std::string& stream, std::size_t size) {
  std::string bytes(size + 1, '\0');
  uLongf got = bytes.size();
  EXPECT_EQ(uncompress(reinterpret_cast<Bytef*>(bytes.data()),
                       &got,
                       reinterpret_cast<const Bytef*>(stream.data()),
                       stream.size()),
            Z_OK);
  bytes.resize(got);
  return bytes;
}

class FolderMemoryTest : public ::testing::Test {
 protected:
  /// Bytes of the stream.
  std::size_t Expect(const std::string& path, const std::string& bytes) {
    const std::string stream = memory_.Deflate(path, bytes);
    EXPECT_EQ(Inflate(stream, bytes.size()), bytes);
    return stream.size();
  }
  FolderMemory memory_;
};

TEST_F(FolderMemoryTest, MakesStreamsThatZlibReads) {
  Expect("empty", "");
  Expect("short", "x");
  EXPECT_LT(Expect("text", std::string(100'000, 'x')), 6'000U);
  Expect("folder", Folder(1000, 1));
}

TEST_F(FolderMemoryTest, FollowsWhateverBecomesOfAPath) {
  std::string bytes = Folder(300, 2);
  Expect("f", bytes);
  std::mt19937 random(3);
  for (int step = 0; step < 500; ++step) {
    const std::size_t at = random() % (bytes.size() + 1);
    switch (random() % 4) {
      case 0:
        bytes.erase(at, random() % 200);
        break;
      case 1:
        bytes = step % 50 == 0 ? Folder(10 + static_cast<int>(random() % 400), step) : bytes;
        break;
      default:
        bytes.insert(at, Folder(1 + static_cast<int>(random() % 3), step));
    }
    Expect("f", bytes);
  }
  Expect("f", "");
  Expect("f", Folder(300, 2));
}

TEST_F(FolderMemoryTest, StaysNearlyAsSmallAsAWholeStreamWhileAFolderGrows) {
  std::string bytes;
  std::size_t size = 0;
  for (int i = 0; i < 600; ++i) {
    bytes.insert(bytes.size() / 2, Folder(1, i));
    size = Expect("f", bytes);
  }
  std::string whole(compressBound(bytes.size()), '\0');
  uLongf whole_size = whole.size();
  ASSERT_EQ(compress(reinterpret_cast<Bytef*>(whole.data()),
                     &whole_size,
                     reinterpret_cast<const Bytef*>(bytes.data()),
                     bytes.size()),
            Z_OK);
  EXPECT_LT(size, whole_size * 12 / 10);
}

TEST_F(FolderMemoryTest, FindsTheNewestFolderOfAPathAlone) {
  const ObjectId one(std::string(40, '1'));
  const ObjectId two(std::string(40, '2'));
  const std::string bytes = Folder(300, 1);
  EXPECT_EQ(memory_.Find("f", one), std::nullopt);
  memory_.Keep("f", one, bytes);
  EXPECT_EQ(memory_.Find("f", one), bytes);
  EXPECT_EQ(memory_.Find("g", one), std::nullopt);
  Expect("f", Folder(200, 2));
  EXPECT_EQ(memory_.Find("f", one), bytes);
  memory_.Keep("f", two, Folder(301, 1));
  EXPECT_EQ(memory_.Find("f", one), std::nullopt);
  EXPECT_EQ(memory_.Find("f", two), Folder(301, 1));
  memory_.Keep("small", one, "x");
  EXPECT_EQ(memory_.Find("small", one), std::nullopt);
}

TEST_F(FolderMemoryTest, ForgetsThePathsThatWereNotAskedForLongest) {
  const std::string bytes(FolderMemory::kMaxBytes / 8, 'x');
  for (int i = 0; i < 30; ++i) {
    Expect("f" + std::to_string(i), bytes);
    EXPECT_LE(memory_.bytes(), FolderMemory::kMaxBytes);
  }
  EXPECT_GT(memory_.bytes(), FolderMemory::kMaxBytes / 2);
  Expect("larger than all", std::string(FolderMemory::kMaxBytes + 1, 'y'));
  EXPECT_EQ(memory_.bytes(), 0U);
  Expect("f1", bytes);
  memory_.Keep("larger than all",
               ObjectId(std::string(40, '1')),
               std::string(FolderMemory::kMaxBytes + 1, 'y'));
  EXPECT_EQ(memory_.bytes(), 0U);
}

}  // namespace
}  // namespace failgate
