#pragma once
// Definitions as people write them: protobuf text format. Native only; the browser gets the binary.
#include <memory>
#include <string>
#include <string_view>

#include "shared/base/result.h"
#include "shared/programme/load.h"

namespace cunji::programme {
// One file, with where everything stands in it.
class TextDefinition {
 public:
  // Errc::Malformed with "name:line: reason".
  static Result<TextDefinition> parse(std::string name, std::string_view text);
  TextDefinition(TextDefinition&&) noexcept;
  TextDefinition& operator=(TextDefinition&&) noexcept;
  ~TextDefinition();

  // What is published: serialized, the same for the same text.
  const Bytes& encoded() const { return encoded_; }
  const std::string& name() const { return name_; }
  // "monitoring/definition.txtpb:12: lead.verified: no stage \"sent\"".
  std::string describe(const Problem& problem) const;

 private:
  struct Tree;
  TextDefinition();
  std::string name_;
  Bytes encoded_;
  std::unique_ptr<Tree> tree_;
};
}  // namespace cunji::programme
