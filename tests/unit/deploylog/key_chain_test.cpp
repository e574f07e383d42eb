#include "controller/deploylog/key_chain.h"

#include <gtest/gtest.h>

#include "controller/git/openssh_key.h"

namespace failgate {
namespace {

using Break = KeyChain::Break;

/// A key by its letter: the chain never looks into keys.
std::string Key(char letter) {
  return Ed25519PublicBlob(std::string(32, letter));
}
std::string Line(char letter) {
  return KeyLine(Key(letter));
}
AllowedSigners Allowing(const std::string& letters) {
  std::string text;
  for (const char letter : letters) {
    text += "controller " + Line(letter) + "\n";
  }
  return AllowedSigners::Parse(text).value();
}

class KeyChainTest : public testing::Test {
 protected:
  static SignatureCheck SignedBy(char letter, const std::string& allowed = "a") {
    const bool good = allowed.find(letter) != std::string::npos;
    return {good ? SignatureVerdict::kGood : SignatureVerdict::kForeignKey,
            "",
            KeyFingerprint(Key(letter)),
            "",
            Key(letter)};
  }
  static KeyRotation FromTo(char from, char to) {
    KeyRotation rotation;
    rotation.old_key = KeyFingerprint(Key(from));
    rotation.new_key = KeyFingerprint(Key(to));
    rotation.new_line = Line(to);
    rotation.new_signer = Key(to);
    return rotation;
  }
  static WrittenFact Written(const KeyRotation& rotation) {
    return WrittenFact{KeyRotationFact(rotation), 7};
  }
  static std::optional<Break> BreakOf(const std::optional<KeyChain::Problem>& problem) {
    return problem ? std::optional<Break>(problem->kind) : std::nullopt;
  }

  KeyChain chain_{Allowing("a")};
};

TEST_F(KeyChainTest, ReadsARotationAsItWasWritten) {
  KeyRotation rotation = FromTo('a', 'b');
  rotation.lost = true;
  rotation.main = CommitId(std::string(40, '1'));
  const auto read = ReadKeyRotation(Written(rotation));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->old_key, rotation.old_key);
  EXPECT_EQ(read->new_signer, Key('b'));
  EXPECT_TRUE(read->lost);
  EXPECT_EQ(read->main, rotation.main);
}

TEST_F(KeyChainTest, BeginsWithAKeyThatMainAllows) {
  EXPECT_EQ(BreakOf(chain_.Follow(SignedBy('x'), nullptr)), Break::kForeign);
  EXPECT_EQ(BreakOf(chain_.Follow(SignedBy('a'), nullptr)), std::nullopt);
}

TEST_F(KeyChainTest, HoldsToOneKeyWhateverElseMainAllows) {
  KeyChain chain(Allowing("ab"));
  EXPECT_EQ(BreakOf(chain.Follow(SignedBy('a', "ab"), nullptr)), std::nullopt);
  EXPECT_EQ(BreakOf(chain.Follow(SignedBy('b', "ab"), nullptr)), Break::kForeign);
}

TEST_F(KeyChainTest, EndsTheOldKeyWithTheRotation) {
  const WrittenFact rotated = Written(FromTo('a', 'b'));
  EXPECT_EQ(BreakOf(chain_.Follow(SignedBy('a'), &rotated)), std::nullopt);
  EXPECT_EQ(BreakOf(chain_.Follow(SignedBy('a'), nullptr)), Break::kForeign);
  EXPECT_EQ(BreakOf(chain_.Follow(SignedBy('b'), nullptr)), std::nullopt);
}

TEST_F(KeyChainTest, IsNotRotatedByTheNewKeyItself) {
  const WrittenFact rotated = Written(FromTo('a', 'b'));
  chain_.Trust(Key('a'));
  EXPECT_EQ(BreakOf(chain_.Follow(SignedBy('b'), &rotated)), Break::kForeign);
  EXPECT_EQ(BreakOf(chain_.Follow(SignedBy('a'), nullptr)), std::nullopt);
}

TEST_F(KeyChainTest, RotatesOnlyFromTheKeyInForceToTheKeyThatIsNamed) {
  chain_.Trust(Key('a'));
  const WrittenFact from_another = Written(FromTo('c', 'b'));
  EXPECT_EQ(BreakOf(chain_.Follow(SignedBy('a'), &from_another)), Break::kDamaged);
  KeyRotation mixed = FromTo('a', 'b');
  mixed.new_line = Line('c');
  const WrittenFact to_another = Written(mixed);
  EXPECT_EQ(BreakOf(chain_.Follow(SignedBy('a'), &to_another)), Break::kDamaged);
  KeyRotation unreadable = FromTo('a', 'b');
  unreadable.new_line = "ssh-ed25519 !";
  const WrittenFact to_nothing = Written(unreadable);
  EXPECT_EQ(BreakOf(chain_.Follow(SignedBy('a'), &to_nothing)), Break::kDamaged);
  EXPECT_EQ(BreakOf(chain_.Follow(SignedBy('a'), nullptr)), std::nullopt);
}

TEST_F(KeyChainTest, NeverGoesToAPersonsKey) {
  KeyChain chain(Allowing("a"), Allowing("p"));
  chain.Trust(Key('a'));
  const WrittenFact rotated = Written(FromTo('a', 'p'));
  EXPECT_EQ(BreakOf(chain.Follow(SignedBy('a'), &rotated)), Break::kForeign);
  EXPECT_EQ(BreakOf(chain.Follow(SignedBy('p', "ap"), nullptr)), Break::kForeign);
}

TEST_F(KeyChainTest, ReplacesALostKeyOnlyByOneThatMainAllows) {
  KeyRotation lost = FromTo('a', 'b');
  lost.lost = true;
  const WrittenFact replaced = Written(lost);
  chain_.Trust(Key('a'));
  EXPECT_EQ(BreakOf(chain_.Follow(SignedBy('b'), &replaced)), Break::kForeign);
  KeyChain chain(Allowing("ab"));
  chain.Trust(Key('a'));
  EXPECT_EQ(BreakOf(chain.Follow(SignedBy('c', "abc"), &replaced)), Break::kForeign);
  EXPECT_EQ(BreakOf(chain.Follow(SignedBy('b', "ab"), &replaced)), std::nullopt);
  EXPECT_EQ(BreakOf(chain.Follow(SignedBy('a', "ab"), nullptr)), Break::kForeign);
}

}  // namespace
}  // namespace failgate
