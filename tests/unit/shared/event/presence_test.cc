// What is read of a presence without its message is what the message says, whatever the bytes.
#include "shared/event/presence.h"

#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include "shared/crypto/seeded_entropy.h"

namespace cunji::event {
// Visits and check-ins as people make them, and some parts of other kinds.
class RandomParts {
 public:
  explicit RandomParts(std::uint64_t seed) : random_(seed, "presences") {}

  PartFrame plain_frame() {
    PartFrame out{.programme = text(), .form = text(), .form_version = number<std::uint32_t>()};
    if (one_in(2)) out.subject = random_.next<SubjectId>();
    if (one_in(2)) out.occurred = from_millis(1 + random_.below(kTimeMillisMax));
    out.medium = static_cast<Medium>(random_.below(4));
    return out;
  }
  PartContent presence() {
    const auto outcome = static_cast<VisitOutcome>(random_.below(8));
    if (one_in(2)) return CheckInPart{.outcome = outcome, .place = place(), .remark = text()};
    VisitPart out{.outcome = outcome, .place = place(), .purpose = text()};
    while (one_in(2)) out.who_was_met.push_back(text());
    out.changes_found = one_in(2);
    out.remark = text();
    return out;
  }
  Bytes changed(Bytes part) {
    for (std::uint64_t left = 1 + random_.below(3); left > 0; --left) {
      const std::size_t at = place_below(part.size() + 1);
      switch (random_.below(4)) {
        case 0: part.insert(part.begin() + static_cast<std::ptrdiff_t>(at), byte()); break;
        case 1: part.erase(at, 1); break;
        case 2: part.insert(at, part.substr(place_below(part.size() + 1), place_below(20))); break;
        default:
          if (at < part.size()) part[at] = byte();
      }
    }
    return part;
  }
  bool one_in(std::uint64_t n) { return random_.below(n) == 0; }

 private:
  template <class Number>
  Number number() {
    return static_cast<Number>(random_.below(UINT64_MAX) >> random_.below(64));
  }
  std::size_t place_below(std::size_t bound) {
    return bound == 0 ? 0 : static_cast<std::size_t>(random_.below(bound));
  }
  char byte() { return static_cast<char>(random_.below(256)); }
  std::optional<Place> place() {
    if (one_in(3)) return std::nullopt;
    return Place{
        .latitude_e7 = static_cast<std::int32_t>(random_.below(1'800'000'001)) - 900'000'000,
        .longitude_e7 = static_cast<std::int32_t>(random_.below(2'000'000'000)) - 999'999'999,
        .accuracy_m = number<std::uint32_t>(),
        .mock_location = one_in(2)};
  }
  std::string text() {
    static constexpr const char* kWords[] = {
        "", "a", "户主", "é", "\U0001F33E", "\xef\xbf\xbf", "家中一切正常，务工收入稳定。"};
    std::string out;
    while (!one_in(3)) out += kWords[random_.below(std::size(kWords))];
    return out;
  }
  crypto::SeededEntropy random_;
};

// What parse_part makes of it must be what was given.
static void expect_same(const PresenceGist& gist, BytesView padded) {
  const auto part = parse_part(padded);
  ASSERT_TRUE(part) << part.error().what;
  EXPECT_EQ(gist.form, part->content.index());
  EXPECT_EQ(gist.subject, part->frame.subject);
  EXPECT_EQ(gist.occurred, part->frame.occurred);
  const auto* visit = std::get_if<VisitPart>(&part->content);
  EXPECT_EQ(gist.is_visit(), visit != nullptr);
  EXPECT_EQ(gist.outcome,
            visit != nullptr ? visit->outcome : std::get<CheckInPart>(part->content).outcome);
}

TEST(Presence, OfPlainPartsIsReadAlways) {
  RandomParts random(1);
  for (int i = 0; i < 5'000; ++i) {
    const Bytes padded = pad_part(encode_part(random.presence(), random.plain_frame())).value();
    const auto gist = read_presence(padded);
    ASSERT_TRUE(gist) << to_hex(padded);
    expect_same(*gist, padded);
    ASSERT_FALSE(HasFailure()) << to_hex(padded);
  }
}

TEST(Presence, OfChangedBytesIsWhatTheMessageSaysOrNothing) {
  RandomParts random(2);
  const google::protobuf::LogSilencer quiet;  // It tells of every text that is no UTF-8.
  int read = 0, refused = 0, wrong = 0;
  for (int i = 0; i < 40'000; ++i) {
    const Bytes part = random.changed(encode_part(random.presence(), random.plain_frame()));
    const Bytes padded = pad_part(part).value();
    const auto gist = read_presence(padded);
    if (gist) expect_same(*gist, padded);
    ASSERT_FALSE(HasFailure()) << to_hex(padded);
    ++(gist ? read : refused);
    if (!parse_part(padded)) ++wrong;
  }
  // Else the test shows nothing.
  EXPECT_GT(read, 1'000);
  EXPECT_GT(refused, 1'000);
  EXPECT_GT(wrong, 1'000);
}

TEST(Presence, OfAnythingUnusualIsLeftToTheMessage) {
  const auto padded = [](Bytes part) { return pad_part(part).value(); };
  const Bytes plain = encode_part(VisitPart{.outcome = VisitOutcome::Met});
  ASSERT_TRUE(read_presence(padded(plain)));
  const Actor actor{.person = {}, .office = "村委会", .role = {}};
  const std::pair<const char*, Bytes> cases[] = {
      {"nothing at all", {}},
      {"another content", encode_part(CorrectionPart{.event = {}, .part = 1, .reason = "x"})},
      {"two contents", plain + encode_part(CheckInPart{.outcome = VisitOutcome::Away})},
      {"the same twice", plain + plain},
      {"an actor", encode_part(VisitPart{}, {.acted_by = actor})},
      {"participants", encode_part(VisitPart{}, {.participants = {actor}})},
      {"an unknown field", plain + Bytes("\xa0\x06\x01", 3)},
      {"fields out of order", plain + Bytes("\x18\x01", 2)},
      {"a medium that is none", Bytes("\x40\x04", 2) + plain},
      {"a subject of 15 bytes", Bytes("\x22\x0f", 2) + Bytes(15, 's') + plain},
      {"a text that is no UTF-8", Bytes("\x0a\x03\xed\xa0\x80", 5) + plain},
      {"a text too long", encode_part(VisitPart{.remark = Bytes(kTextBytesMax + 1, 'x')})},
      {"a list too long", encode_part(VisitPart{.who_was_met = std::vector<std::string>(1'001)})},
      {"a place off the earth", encode_part(VisitPart{.place = Place{.latitude_e7 = 900'000'001}})},
      {"a time beyond all",
       encode_part(VisitPart{}, {.occurred = from_millis(kTimeMillisMax + 1)})},
      {"cut short", plain.substr(0, plain.size() - 1)}};
  for (const auto& [name, part] : cases) EXPECT_FALSE(read_presence(padded(part))) << name;
  EXPECT_FALSE(read_presence(plain)) << "no padding";
}
}  // namespace cunji::event
