// Proofs and a log that other implementations made (transparency-dev merkle and tessera).
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "shared/log/checkpoint.h"
#include "shared/log/merkle.h"
#include "shared/log/proof.h"
#include "tests/vectors/vectors.h"

namespace cunji::log {
namespace {
namespace fs = std::filesystem;
using vectors::Json;

std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> out;
  if (!fs::exists(folder)) return out;
  for (const auto& file : fs::recursive_directory_iterator(folder)) {
    if (file.path().extension() == ".json") out.push_back(file.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

fs::path foreign() {
  const char* folder = std::getenv("CUNJI_VECTORS");
  return folder != nullptr ? fs::path(folder) : fs::path(CUNJI_SOURCE_DIR) / "../shared/vectors";
}

// Nothing where the vector holds something that is no digest: decoding refuses it before any proof.
std::optional<Digest> digest_of(const Json& base64) {
  const auto bytes = from_base64(base64.get<std::string>());
  if (!bytes) return std::nullopt;
  const auto out = Digest::from(*bytes);
  return out ? std::optional(*out) : std::nullopt;
}
std::optional<Proof> proof_of(const Json& list) {
  Proof out;
  if (list.is_null()) return out;
  for (const Json& item : list) {
    const auto hash = digest_of(item);
    if (!hash) return std::nullopt;
    out.push_back(*hash);
  }
  return out;
}
Json parsed(const fs::path& path) {
  return Json::parse(vectors::read_file(path.string()).value_or(""), nullptr, false);
}

bool inclusion_holds(const Json& v) {
  const auto leaf = digest_of(v["leafHash"]), root = digest_of(v["root"]);
  const auto proof = proof_of(v["proof"]);
  return leaf && root && proof &&
         verify_inclusion(*leaf, v["leafIdx"], v["treeSize"], *proof, *root).has_value();
}
// Some roots there are words ("don't care 1") where only their being equal or not matters.
std::optional<Digest> root_of(const Json& base64) {
  const auto bytes = from_base64(base64.get<std::string>());
  if (!bytes) return std::nullopt;
  return bytes->size() == Digest::kSize ? *Digest::from(*bytes) : leaf_hash(*bytes);
}
bool consistency_holds(const Json& v) {
  const auto old_root = root_of(v["root1"]), root = root_of(v["root2"]);
  const auto proof = proof_of(v["proof"]);
  return old_root && root && proof &&
         verify_consistency(v["size1"], *old_root, v["size2"], *root, *proof).has_value();
}

struct Counts {
  int good = 0, bad = 0;
};
Counts compare(const char* kind, bool (*holds)(const Json&)) {
  Counts counts;
  for (const fs::path& path : files_below(foreign() / "merkle" / kind)) {
    SCOPED_TRACE(path.string());
    const Json vector = parsed(path);
    EXPECT_FALSE(vector.is_discarded());
    if (vector.is_discarded()) continue;
    const bool good = !vector["wantErr"].get<bool>();
    EXPECT_EQ(holds(vector), good);
    ++(good ? counts.good : counts.bad);
  }
  return counts;
}
}  // namespace

TEST(MerkleVectors, InclusionProofs) {
  if (!fs::exists(foreign() / "merkle")) GTEST_SKIP() << "no merkle vectors: set CUNJI_VECTORS";
  const Counts counts = compare("inclusion", inclusion_holds);
  EXPECT_EQ(counts.good, 6);
  EXPECT_EQ(counts.bad, 92);
}

TEST(MerkleVectors, ConsistencyProofs) {
  if (!fs::exists(foreign() / "merkle")) GTEST_SKIP() << "no merkle vectors: set CUNJI_VECTORS";
  const Counts counts = compare("consistency", consistency_holds);
  EXPECT_EQ(counts.good, 6);
  EXPECT_EQ(counts.bad, 92);
}

// RFC 6962 calls the empty tree a prefix of every tree, so some verifiers take an empty proof from
// size 0. It binds nothing to nothing: whoever trusts a size of 0 trusts no log yet and must say so
// instead of asking for a proof. These three have an empty proof and are refused on purpose.
TEST(MerkleVectors, ConsistencyFromSizeZeroIsRefusedOnPurpose) {
  const fs::path folder = foreign() / "merkle/consistency/additional";
  if (!fs::exists(folder)) GTEST_SKIP() << "no merkle vectors: set CUNJI_VECTORS";
  for (const char* name :
       {"size1-is-zero-and-size2-is-not-zero.json", "size1-is-zero-and-does-not-equal-size2.json",
        "sizes-are-equal-zero-and-proof-is-empty.json"}) {
    SCOPED_TRACE(name);
    const Json vector = parsed(folder / name);
    ASSERT_FALSE(vector.is_discarded());
    ASSERT_EQ(vector["size1"], 0);
    EXPECT_EQ(vector["proof"], Json::array());
    // With roots in order, too, so that nothing but the size is the reason.
    EXPECT_FALSE(verify_consistency(0, empty_root(), vector["size2"], empty_root(), {}));
  }
}

TEST(TesseraLog, NotesOpenAndTilesGiveTheirRoots) {
  const fs::path folder = foreign() / "tessera-log";
  if (!fs::exists(folder)) GTEST_SKIP() << "no tessera log: set CUNJI_VECTORS";
  const std::string origin = "example.com/log/testdata";
  const Bytes key_bytes =
      from_base64("AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx").value().substr(1);
  const PublicKey key = *PublicKey::from(key_bytes);
  EXPECT_EQ(verifier_key(origin, key),
            origin + "+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx");
  Frontier frontier;
  for (std::uint64_t size = 0; size <= 15; ++size) {
    SCOPED_TRACE(size);
    const auto note = vectors::read_file(folder / ("checkpoint." + std::to_string(size)));
    ASSERT_TRUE(note);
    const auto checkpoint = open_checkpoint(*note, origin, key);
    ASSERT_TRUE(checkpoint) << checkpoint.error().what;
    EXPECT_EQ(checkpoint->size, size);
    if (size > 0) {  // A partial tile holds all leaf hashes so far.
      const auto tile = vectors::read_file(folder / ("tile/0/000.p/" + std::to_string(size)));
      ASSERT_TRUE(tile);
      ASSERT_EQ(tile->size(), size * Digest::kSize);
      std::vector<Subtree> completed;
      frontier.append(*Digest::from(tile->substr(tile->size() - Digest::kSize)), completed);
    }
    EXPECT_EQ(frontier.root(), checkpoint->root);

    std::string altered = *note;
    altered[altered.find('\n') + 1] ^= 1;
    EXPECT_FALSE(open_checkpoint(altered, origin, key));
  }
}
}  // namespace cunji::log
