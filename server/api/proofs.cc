// Checkpoint, proofs and the state's digest: what anyone compares.
#include "protocol/api.pb.h"
#include "server/api/handlers.h"
#include "shared/log/merkle.h"
#include "shared/log/proof.h"

namespace cunji::server {
Outcome<std::string> show_checkpoint(Call& call) {
  TRY(call.query.finish());
  const Published& published = call.view->published;
  api::Checkpoint out;
  out.set_note(published.note);
  out.set_origin(published.checkpoint.origin);
  out.set_size(published.checkpoint.size);
  out.set_root(to_hex(published.checkpoint.root.view()));
  return json_of(out);
}

// A size that is published: nobody can compare one beyond it.
static Outcome<std::uint64_t> take_size(Call& call) {
  const std::uint64_t published = call.view->published.checkpoint.size;
  TRY_AS(size, call.query.take_number("size"));
  if (size && *size > published)
    return bad_parameter("size", "尚未公布这么多条",
                         "only " + std::to_string(published) + " entries are published");
  return size.value_or(published);
}

Outcome<std::string> prove_inclusion(Call& call) {
  TRY_AS(index, call.query.take_number("index"));
  TRY_AS(size, take_size(call));
  TRY(call.query.finish());
  if (!index || *index >= size)
    return bad_parameter("index", "应为小于 size 的序号", "the index of an entry below size");
  TRY_AS(proof, log::prove_inclusion(call.log, *index, size));
  TRY_AS(leaf, call.log.subtree(0, *index));
  TRY_AS(root, log::root_at(call.log, size));
  api::InclusionProof out;
  out.set_index(*index);
  out.set_size(size);
  out.set_leaf_hash(to_hex(leaf.view()));
  out.set_root(to_hex(root.view()));
  for (const Digest& hash : proof) out.add_hashes(to_hex(hash.view()));
  return json_of(out);
}

Outcome<std::string> prove_consistency(Call& call) {
  TRY_AS(old_size, call.query.take_number("old_size"));
  TRY_AS(size, take_size(call));
  TRY(call.query.finish());
  if (!old_size || *old_size == 0 || *old_size > size)
    return bad_parameter("old_size", "应为 1 到 size", "1 to size");
  TRY_AS(proof, log::prove_consistency(call.log, *old_size, size));
  TRY_AS(old_root, log::root_at(call.log, *old_size));
  TRY_AS(root, log::root_at(call.log, size));
  api::ConsistencyProof out;
  out.set_old_size(*old_size);
  out.set_old_root(to_hex(old_root.view()));
  out.set_size(size);
  out.set_root(to_hex(root.view()));
  for (const Digest& hash : proof) out.add_hashes(to_hex(hash.view()));
  return json_of(out);
}

Outcome<std::string> show_state_digest(Call& call) {
  TRY_AS(times, call.take_times());
  TRY(call.query.finish());
  api::StateDigest out;
  TRY_AS(basis, call.look(times, [&](const state::State& state) {
    out.set_digest(to_hex(state.digest().view()));
  }));
  *out.mutable_basis() = basis;
  out.set_fold_version(state::kFoldVersion);
  return json_of(out);
}
}  // namespace cunji::server
