#include "server/command/sign.h"

#include <cstdio>

#include "server/app/desk.h"

namespace cunji::server {
Result<sync::EventOutcome> sign_one(const CommonOptions& common, const std::string& key_file,
                                    event::Kind kind, const event::PartContent& content,
                                    Context& context) {
  return sign_parts(common, key_file, kind, {event::encode_part(content)}, context);
}

Result<sync::EventOutcome> sign_parts(const CommonOptions& common, const std::string& key_file,
                                      event::Kind kind, std::vector<Bytes> parts,
                                      Context& context) {
  const Folder folder{common.folder};
  TRY_AS(desk, Desk::open(folder, context.entropy));
  TRY_AS(clock, clock_of(common, desk->county().test_county));
  TRY_AS(key, load_key(key_file.empty() ? folder.key("registrar") : key_file));
  const event::Draft draft{.division = desk->county().code.division(),
                           .subject = {},
                           .kind = kind,
                           .recorded = clock->now(),
                           .parts = std::move(parts)};
  TRY_AS(outcomes, desk->submit(key, {&draft, 1}, clock->now()));
  TRY(desk->publish());
  std::printf("已登记 / logged: %llu, %s %s\n", static_cast<unsigned long long>(outcomes[0].index),
              event::label_zh_of(outcomes[0].verdict).data(),
              event::name_of(outcomes[0].verdict).data());
  if (!event::is_accepted(outcomes[0].verdict))
    return Error{Errc::Forged, "it is logged but disputed, so it has no effect"};
  return outcomes[0];
}
}  // namespace cunji::server
