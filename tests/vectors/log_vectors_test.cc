// Holds the code to protocol/vectors/log.json.
#include <gtest/gtest.h>

#include "shared/event/entry.h"
#include "shared/log/checkpoint.h"
#include "shared/log/merkle.h"
#include "shared/log/proof.h"
#include "tests/vectors/vectors.h"

namespace cunji::vectors {
static log::Proof proof_of(const Json& hashes) {
  log::Proof out;
  for (const Json& hash : hashes) out.push_back(fixed_of<Digest>(hash));
  return out;
}

TEST(LogVectors, EntriesGiveTheLeavesRootsAndNotes) {
  const Json file = load("log.json");
  ASSERT_FALSE(file.is_discarded());
  const std::string origin = text_of(file["origin"]);
  const auto key = fixed_of<PublicKey>(file["log_key"]);
  EXPECT_EQ(log::verifier_key(origin, key), text_of(file["verifier_key"]));
  log::Frontier tree;
  std::vector<log::Subtree> completed;
  ASSERT_EQ(file["checkpoints"].size(), file["entries"].size() + 1);
  for (std::size_t size = 0; size < file["checkpoints"].size(); ++size) {
    SCOPED_TRACE(size);
    const Json& j = file["checkpoints"][size];
    EXPECT_EQ(tree.root(), fixed_of<Digest>(j["root"]));
    const auto opened = log::open_checkpoint(text_of(j["note"]), origin, key);
    ASSERT_TRUE(opened) << opened.error().what;
    EXPECT_EQ(opened->size, size);
    EXPECT_EQ(opened->root, tree.root());
    EXPECT_EQ(log::seen_of(*opened).digest, fixed_of<Digest>(j["seen_digest"]));
    if (size == file["entries"].size()) break;
    const Json& leaf = file["entries"][size];
    const auto entry = event::decode_entry(bytes_of(leaf["entry"]));
    ASSERT_TRUE(entry);
    EXPECT_EQ(to_hex(entry->encode()), text_of(leaf["entry"]));
    EXPECT_EQ(entry->leaf_hash(), fixed_of<Digest>(leaf["leaf_hash"]));
    tree.append(entry->leaf_hash(), completed);
  }
}

TEST(LogVectors, ProofsVerifyAndDoNotOnceAltered) {
  const Json file = load("log.json");
  const auto root = [&](const Json& size) {
    return fixed_of<Digest>(file["checkpoints"][size.get<std::size_t>()]["root"]);
  };
  ASSERT_GE(file["inclusion"].size(), 5U);
  for (const Json& j : file["inclusion"]) {
    SCOPED_TRACE(j["index"].dump());
    const auto index = j["index"].get<std::uint64_t>(), size = j["size"].get<std::uint64_t>();
    const auto leaf = fixed_of<Digest>(file["entries"][j["index"].get<std::size_t>()]["leaf_hash"]);
    log::Proof proof = proof_of(j["proof"]);
    EXPECT_TRUE(log::verify_inclusion(leaf, index, size, proof, root(j["size"])));
    proof.back().bytes[0] ^= 1;
    EXPECT_FALSE(log::verify_inclusion(leaf, index, size, proof, root(j["size"])));
  }
  ASSERT_GE(file["consistency"].size(), 6U);
  for (const Json& j : file["consistency"]) {
    SCOPED_TRACE(j["old_size"].dump());
    const auto old_size = j["old_size"].get<std::uint64_t>(), size = j["size"].get<std::uint64_t>();
    log::Proof proof = proof_of(j["proof"]);
    EXPECT_TRUE(
        log::verify_consistency(old_size, root(j["old_size"]), size, root(j["size"]), proof));
    proof.push_back({});
    EXPECT_FALSE(
        log::verify_consistency(old_size, root(j["old_size"]), size, root(j["size"]), proof));
  }
}

TEST(LogVectors, RefusedEntriesAndNotesAreRefusedAsTheySay) {
  const Json file = load("log.json");
  ASSERT_GE(file["refused_entries"].size(), 6U);
  for (const Json& j : file["refused_entries"]) {
    SCOPED_TRACE(text_of(j["name"]));
    const auto out = event::decode_entry(bytes_of(j["entry"]));
    ASSERT_FALSE(out);
    EXPECT_EQ(name_of(out.error().code), text_of(j["error"]));
    EXPECT_EQ(out.error().what, text_of(j["text"]));
  }
  ASSERT_GE(file["refused_notes"].size(), 7U);
  for (const Json& j : file["refused_notes"]) {
    SCOPED_TRACE(text_of(j["name"]));
    const auto out = log::open_checkpoint(text_of(j["note"]), text_of(file["origin"]),
                                          fixed_of<PublicKey>(file["log_key"]));
    ASSERT_FALSE(out);
    EXPECT_EQ(name_of(out.error().code), text_of(j["error"]));
    EXPECT_EQ(out.error().what, text_of(j["text"]));
  }
}
}  // namespace cunji::vectors
