// publish: definitions of programmes, signed with this device's key where it may (D19); endorse,
// the second person.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "fieldnode/cli/view.h"
#include "shared/commands/publish.h"

namespace cunji::fieldnode::cli {
namespace {
struct EndorseOptions {
  std::vector<std::string> events;
  std::string purpose = "second_person", remark;
};

bool may(Node& node, event::Kind kind, TimePoint now) {
  const auto grants = node.governance().standing(node.key(), now);
  return std::any_of(grants.begin(), grants.end(), [&](const credential::Grant* grant) {
    return grant->kinds.contains(static_cast<std::uint16_t>(kind));
  });
}

// Records an event in the county's own division and says where it stands.
int sign(const View& view, event::Kind kind, std::vector<Bytes> parts, TimePoint now) {
  const auto recorded = view.open->node->record({.kind = kind,
                                                 .division = view.county.division(),
                                                 .subject = {},
                                                 .recorded = now,
                                                 .parts = std::move(parts)});
  if (!recorded) return fail("未保存", recorded.error().what);
  say("已保存第 " + std::to_string(recorded->sequence) + " 条,尚未发送 · recorded as number " +
      std::to_string(recorded->sequence) + ", not sent yet: cunji-node sync");
  if (kind != event::Kind::Definition) return 0;
  say("公布编号 · publication: " + to_hex(recorded->digest.view()));
  const auto& county = view.open->node->governance().county();
  if (county && county->persons_required > 1)
    say("须第二人会签后生效 · in force once a second person has signed: cunji-node endorse " +
        to_hex(recorded->digest.view()));
  return 0;
}

int run_publish(const Context& context, const commands::PublishOptions& options) {
  const auto view = view_of(context);
  if (!view) return 1;
  Node& node = *view->open->node;
  const auto prepared = commands::prepare(options, node.governance().publications());
  if (!prepared) return fail(prepared.error());
  std::fputs(prepared->text().c_str(), stdout);
  if (!prepared->problems.empty()) return 1;
  if (options.check_only) {
    say("无误,未公布 · in order, nothing was signed");
    return 0;
  }
  if (!may(node, event::Kind::Definition, context.now()))
    return fail("此密钥无权公布定义,须以 registrar 角色登记入册",
                "this key may not publish definitions: it takes a credential as registrar");
  return sign(*view, event::Kind::Definition, prepared->parts, context.now());
}

int run_endorse(const Context& context, const EndorseOptions& options) {
  event::EndorsementPart part{
      .events = {}, .purpose = event::EndorsementPurpose::SecondPerson, .remark = options.remark};
  if (options.purpose == "effect") part.purpose = event::EndorsementPurpose::Effect;
  if (options.purpose == "time") part.purpose = event::EndorsementPurpose::Time;
  for (const std::string& text : options.events) {
    const auto bytes = from_hex(text);
    if (!bytes || bytes->size() != Digest::kSize)
      return fail("摘要写法不对:" + text, "\"" + text + "\": a digest has 64 hexadecimal digits");
    part.events.push_back(Digest::from(*bytes).value());
  }
  const auto view = view_of(context);
  if (!view) return 1;
  if (!may(*view->open->node, event::Kind::Endorsement, context.now()))
    return fail("此密钥无权会签或追认", "this key may not endorse");
  return sign(*view, event::Kind::Endorsement, {event::encode_part(part)}, context.now());
}
}  // namespace

void add_publish_command(CLI::App& app, Context& context) {
  CLI::App* publish = app.add_subcommand(
      "publish", "公布政策定义,两人签署 · publish definitions of programmes; two persons sign");
  const auto options = std::make_shared<commands::PublishOptions>();
  commands::add_publish_options(*publish, *options);
  on_run(publish, context, [&context, options] { return run_publish(context, *options); });

  CLI::App* endorse = app.add_subcommand(
      "endorse", "会签或追认 · sign second, give effect to disputed events, confirm a time");
  const auto endorsed = std::make_shared<EndorseOptions>();
  endorse->add_option("EVENT", endorsed->events, "事件摘要,64 位 · event digests, 64 hex digits")
      ->required();
  endorse->add_option("--purpose", endorsed->purpose, "目的 · second_person, effect or time")
      ->check(CLI::IsMember({"effect", "time", "second_person"}))
      ->capture_default_str();
  endorse->add_option("--remark", endorsed->remark, "说明 · remark, without personal data");
  on_run(endorse, context, [&context, endorsed] { return run_endorse(context, *endorsed); });
}
}  // namespace cunji::fieldnode::cli
