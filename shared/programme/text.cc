#include "shared/programme/text.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/text_format.h>

#include "protocol/definition.pb.h"

namespace cunji::programme {
namespace pb = cunji::definition;
using google::protobuf::TextFormat;

struct TextDefinition::Tree {
  TextFormat::ParseInfoTree places;
};

TextDefinition::TextDefinition() : tree_(std::make_unique<Tree>()) {}
TextDefinition::TextDefinition(TextDefinition&&) noexcept = default;
TextDefinition& TextDefinition::operator=(TextDefinition&&) noexcept = default;
TextDefinition::~TextDefinition() = default;

namespace {
// Keeps the first error; the parser counts lines from 0.
class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, int, const std::string& message) override {
    if (text.empty()) text = std::to_string(line + 1) + ": " + message;
  }
  std::string text;
};
}  // namespace

Result<TextDefinition> TextDefinition::parse(std::string name, std::string_view text) {
  TextDefinition out;
  out.name_ = std::move(name);
  pb::Definition definition;
  TextFormat::Parser parser;
  FirstError error;
  parser.RecordErrorsTo(&error);
  parser.WriteLocationsTo(&out.tree_->places);
  if (!parser.ParseFromString(std::string(text), &definition))
    return Error{Errc::Malformed, out.name_ + ":" + error.text};
  google::protobuf::io::StringOutputStream raw(&out.encoded_);
  google::protobuf::io::CodedOutputStream coded(&raw);
  coded.SetSerializationDeterministic(true);
  definition.SerializeWithCachedSizes((definition.ByteSizeLong(), &coded));
  coded.Trim();
  return out;
}

std::string TextDefinition::describe(const Problem& problem) const {
  // The line of the innermost thing on the path that stands in the text.
  const TextFormat::ParseInfoTree* tree = &tree_->places;
  const google::protobuf::Descriptor* message = pb::Definition::descriptor();
  int line = 0;
  for (const auto& [number, index] : problem.path) {
    const google::protobuf::FieldDescriptor* field =
        message == nullptr ? nullptr : message->FindFieldByNumber(number);
    if (field == nullptr || tree == nullptr) break;
    const int at = field->is_repeated() ? index : -1;
    const TextFormat::ParseLocation place = tree->GetLocation(field, at);
    if (place.line >= 0) line = place.line;
    message = field->message_type();
    tree = message == nullptr ? nullptr : tree->GetTreeForNested(field, at);
  }
  return name_ + ":" + std::to_string(line + 1) + ": " +
         (problem.id.empty() ? std::string() : problem.id + ": ") + problem.what;
}
}  // namespace cunji::programme
