// What is built comes back the same; what is not a part, or has a field out of form or beyond its
// limit, gives its error.
#include "shared/event/parts.h"

#include <gtest/gtest.h>

#include "protocol/event.pb.h"
#include "shared/crypto/hash.h"
#include "shared/crypto/sign.h"

namespace cunji::event {
static Bytes padded(const PartContent& content, const PartFrame& frame = {}) {
  return pad_part(encode_part(content, frame)).value();
}
static PublicKey a_key() { return PublicKey::from(Bytes(32, 'k')).value(); }
static Digest a_digest() { return crypto::sha256("an event"); }
static Date day(std::string_view text) { return parse_date(text).value(); }

static CredentialPart a_credential() {
  return {.key = a_key(),
          .enrolment_digest = a_digest(),
          .enrolment_request = Bytes(kEnrolmentRequestBytes, 'r'),
          .person = PersonId::from("person 000000001").value(),
          .role = "coordinator",
          .office = "village",
          .kinds = {1, 2, 65535},
          .divisions = {"411323", "411323001", "411323001201"},
          .valid_from = from_millis(1),
          .valid_to = from_millis(kTimeMillisMax)};
}

TEST(Parts, ComeBackAsTheyWereBuilt) {
  const SubjectId subject = SubjectId::from("household 000001").value();
  const Place place{.latitude_e7 = 333'000'000,
                    .longitude_e7 = -1'110'000'000,
                    .accuracy_m = 12,
                    .mock_location = true};
  RegistrationPart registration{.type = SubjectType::Household, .create = true, .source = "import"};
  registration.facts = {{"a", "", text_value("文字")},
                        {"b", "2022", integer_value(-5)},
                        {"c", "", yes_value(true)},
                        {"d", "", code_value("out_of_poverty")},
                        {"e", "", date_value(day("2022-02-10"))},
                        {"f", "", subject_value(subject)},
                        {"g", "", codes_value({"x", "y"})},
                        {"h", "", codes_value({})},
                        {"i", "", place_value(place)}};
  CredentialPart assigned = a_credential();
  assigned.divisions.clear();
  assigned.assigned = "helper_of";
  const PartContent contents[] = {
      std::monostate{},
      VisitPart{.outcome = VisitOutcome::Met,
                .place = place,
                .purpose = "月度走访",
                .who_was_met = {"head", "son"},
                .changes_found = true,
                .remark = "r"},
      VisitPart{},
      CheckInPart{.outcome = VisitOutcome::Telephone, .place = place, .remark = "r"},
      registration,
      AssignmentPart{.relation = "coordinator_of",
                     .from = subject,
                     .division = DivisionCode::parse("411323001201").value(),
                     .since = day("2022-01-01"),
                     .until = day("2022-12-31")},
      AssignmentPart{
          .relation = "member_of", .from = subject, .to = subject, .since = day("2022-01-01")},
      AnswersPart{.answers = {{"field", integer_value(3)}}, .unchanged = true},
      FoundingPart{.name = "西峡县",
                   .origin = "example/411323/1",
                   .log_key = a_key(),
                   .box_key = Bytes(32, 'b'),
                   .persons_required = 1,
                   .test_county = true,
                   .recovery_key = Bytes(32, 'r')},
      a_credential(),
      assigned,
      RevocationPart{.key = a_key(),
                     .reason = RevocationReason::Compromised,
                     .last_vouched_sequence = 7,
                     .credential = a_digest(),
                     .remark = "lost"},
      IncidentPart{.key = a_key(), .sequence = 3, .evidence = {Bytes(257, '1'), Bytes(257, '2')}},
      AnchorPart{.note = "note", .at = from_millis(5), .county_clock = false},
      EndorsementPart{.events = {a_digest(), a_digest()},
                      .purpose = EndorsementPurpose::SecondPerson,
                      .remark = "seen"},
      CorrectionPart{.event = a_digest(), .part = 32, .reason = "wrong house"},
      ErasurePart{.events = {{.event = a_digest(), .index = 9, .parts = PartSet().set()},
                             {.event = a_digest(), .index = 0, .parts = PartSet().set(3)}},
                  .basis = "PIPL 47",
                  .remark = "r"},
      ErasurePart{.withdraws = a_digest()},
      ReceiptPart{.events = {a_digest(), a_digest()}}};
  PartFrame frame{.programme = "village_coordinators",
                  .form = "visit",
                  .form_version = 2,
                  .subject = subject,
                  .occurred = from_millis(1'644'452'100'000),
                  .acted_by = Actor{.office = "town", .role = "helper"},
                  .participants = {Actor{.person = PersonId::from("person 000000002").value()}},
                  .medium = Medium::Paper,
                  .attachments = {{.digest = a_digest(),
                                   .size = kBlobBytesMax,
                                   .media_type = "image/jpeg",
                                   .taken_at = from_millis(1'644'452'000'000),
                                   .place = place},
                                  {.digest = a_digest(),
                                   .size = 1,
                                   .media_type = "image/png",
                                   .kind = "household_signature"}}};
  for (const PartContent& content : contents) {
    SCOPED_TRACE(content.index());
    const auto bare = parse_part(padded(content));
    ASSERT_TRUE(bare) << bare.error().what;
    EXPECT_EQ(*bare, (Part{PartFrame{}, content}));
    const auto framed = parse_part(padded(content, frame));
    ASSERT_TRUE(framed) << framed.error().what;
    EXPECT_EQ(*framed, (Part{frame, content}));
  }
}

TEST(Parts, RefuseFieldsOutOfForm) {
  struct Case {
    const char* name;
    PartContent content;
    PartFrame frame;
    Errc expected;
  };
  const std::string long_text(kTextBytesMax + 1, 'x');
  std::vector<Case> cases;
  const auto add = [&](const char* name, PartContent content, Errc expected = Errc::Malformed) {
    cases.push_back({name, std::move(content), {}, expected});
  };
  const auto credential = [&](const char* name, auto spoil, Errc expected = Errc::Malformed) {
    CredentialPart said = a_credential();
    spoil(said);
    add(name, said, expected);
  };
  credential("request too short", [](auto& c) { c.enrolment_request.pop_back(); });
  credential("no role", [](auto& c) { c.role.clear(); });
  credential("kind 0", [](auto& c) { c.kinds = {0}; });
  credential("prefix of 7 digits", [](auto& c) { c.divisions = {"4113230"}; });
  credential("prefix with a letter", [](auto& c) { c.divisions = {"41132x"}; });
  credential("no scope", [](auto& c) { c.divisions.clear(); });
  credential("two scopes", [](auto& c) { c.assigned = "helper_of"; });
  credential("long role", [&](auto& c) { c.role = long_text; }, Errc::Limit);
  credential("many kinds", [](auto& c) { c.kinds.assign(kListMax + 1, 1); }, Errc::Limit);
  add("long remark", VisitPart{.remark = long_text}, Errc::Limit);
  add("many met", VisitPart{.who_was_met = std::vector<std::string>(kListMax + 1, "x")},
      Errc::Limit);
  add("latitude", VisitPart{.place = Place{.latitude_e7 = 900'000'001}});
  add("fact without name", RegistrationPart{.facts = {{"", "", yes_value(true)}}});
  add("many facts",
      RegistrationPart{.facts = std::vector<Fact>(kListMax + 1, Fact{"x", "", yes_value(true)})},
      Errc::Limit);
  add("box key", FoundingPart{.origin = "o/1/1", .log_key = a_key(), .box_key = "short"});
  add("recovery key", FoundingPart{.origin = "o/1/1",
                                   .log_key = a_key(),
                                   .box_key = Bytes(32, 'b'),
                                   .recovery_key = Bytes(31, 'r')});
  add("three persons",
      FoundingPart{
          .origin = "o/1/1", .log_key = a_key(), .box_key = Bytes(32, 'b'), .persons_required = 3});
  add("origin of two lines", FoundingPart{.origin = "o\n1", .box_key = Bytes(32, 'b')});
  add("assignment to nothing", AssignmentPart{.relation = "x",
                                              .from = *SubjectId::from("household 000001"),
                                              .since = day("2022-01-01")});
  add("evidence of another size", IncidentPart{.evidence = {"short"}});
  add("much evidence", IncidentPart{.evidence = std::vector<Bytes>(3, Bytes(257, '1'))},
      Errc::Limit);
  add("part 33", CorrectionPart{.event = a_digest(), .part = 33});
  add("many events", EndorsementPart{.events = std::vector<Digest>(kListMax + 1, a_digest())},
      Errc::Limit);
  add("receipt of nothing", ReceiptPart{});
  add("receipt of many", ReceiptPart{.events = std::vector<Digest>(kListMax + 1, a_digest())},
      Errc::Limit);
  cases.push_back({"long form", VisitPart{}, PartFrame{.form = long_text}, Errc::Limit});
  const auto add_photo = [&](const char* name, Attachment attachment, std::size_t count = 1,
                             Errc expected = Errc::Malformed) {
    cases.push_back({name, VisitPart{}, PartFrame{.attachments = {count, attachment}}, expected});
  };
  const Attachment photo{.digest = a_digest(), .size = 1, .media_type = "image/jpeg"};
  const auto spoiled = [&](auto spoil) {
    Attachment out = photo;
    spoil(out);
    return out;
  };
  add_photo("many attachments", photo, kAttachmentsMax + 1, Errc::Limit);
  add_photo("a blob of no byte", spoiled([](auto& a) { a.size = 0; }));
  add_photo("a blob above 2 MiB", spoiled([](auto& a) { a.size = kBlobBytesMax + 1; }));
  add_photo("no media type", spoiled([](auto& a) { a.media_type.clear(); }));
  add_photo("a media type of two lines", spoiled([](auto& a) { a.media_type = "image/jpeg\n"; }));
  add_photo("a long media type",
            spoiled([](auto& a) { a.media_type.assign(kMediaTypeBytesMax + 1, 'x'); }));
  add_photo("a long kind", spoiled([](auto& a) { a.kind.assign(kEvidenceKindBytesMax + 1, 'x'); }));
  add_photo("a photo of nowhere",
            spoiled([](auto& a) { a.place = Place{.latitude_e7 = 900'000'001}; }));
  for (const Case& c : cases) {
    const auto part = parse_part(padded(c.content, c.frame));
    ASSERT_FALSE(part) << c.name;
    EXPECT_EQ(part.error().code, c.expected) << c.name << ": " << part.error().what;
  }
}

TEST(Parts, RefuseWhatOnlyForeignBytesCanSay) {
  struct Case {
    const char* name;
    void (*spoil)(proto::Part&);
  };
  const Case cases[] = {
      {"subject of 15 bytes", [](auto& p) { p.set_subject(std::string(15, 's')); }},
      {"occurred in the year 10000", [](auto& p) { p.set_occurred(kTimeMillisMax + 1); }},
      {"an unknown medium", [](auto& p) { p.set_medium(static_cast<proto::Medium>(9)); }},
      {"an attachment's digest of 31 bytes",
       [](auto& p) {
         auto* attachment = p.add_attachments();
         attachment->set_digest(std::string(31, 'd'));
         attachment->set_size(1);
         attachment->set_media_type("image/png");
       }},
      {"actor of 3 bytes", [](auto& p) { p.mutable_acted_by()->set_person("abc"); }},
      {"key of 31 bytes",
       [](auto& p) {
         p.mutable_revocation()->set_key(std::string(31, 'k'));
         p.mutable_revocation()->set_reason(proto::REVOCATION_REASON_ENDED);
       }},
      {"correction of nothing", [](auto& p) { p.mutable_correction()->set_part(1); }},
      {"a fact without value",
       [](auto& p) { p.mutable_registration()->add_facts()->set_name("x"); }},
      {"a day that is none",
       [](auto& p) {
         auto* fact = p.mutable_registration()->add_facts();
         fact->set_name("x");
         fact->mutable_value()->set_date("2022-02-30");
       }},
      {"division of 11 digits", [](auto& p) {
         p.mutable_assignment()->set_relation("x");
         p.mutable_assignment()->set_from(std::string(16, 's'));
         p.mutable_assignment()->set_since("2022-01-01");
         p.mutable_assignment()->set_division("41132300120");
       }}};
  for (const Case& c : cases) {
    proto::Part message;
    c.spoil(message);
    const auto part = parse_part(pad_part(message.SerializeAsString()).value());
    ASSERT_FALSE(part) << c.name;
    EXPECT_EQ(part.error().code, Errc::Malformed) << c.name;
  }
}

TEST(Parts, ErasuresNameEventsOrWithdrawOne) {
  using Spoil = void (*)(proto::Erasure&);
  const auto parse = [](const proto::Erasure& erasure) {
    proto::Part message;
    *message.mutable_erasure() = erasure;
    return parse_part(pad_part(message.SerializeAsString()).value());
  };
  const auto sound = [](bool withdraws) {
    proto::Erasure out;
    if (withdraws) {
      out.set_withdraws(a_digest().str());
      return out;
    }
    proto::ErasedEvent& event = *out.add_events();
    event.set_event(a_digest().str());
    event.set_index(7);
    event.set_division("411323001201");
    event.add_parts(1);
    event.add_parts(32);
    out.set_basis("PIPL 47");
    return out;
  };
  ASSERT_TRUE(parse(sound(true)));
  const auto whole = parse(sound(false));
  ASSERT_TRUE(whole);
  const auto& said = std::get<ErasurePart>(whole->content).events.at(0);
  EXPECT_EQ(said.parts, PartSet().set(0).set(31));
  proto::Erasure all = sound(false);
  all.mutable_events(0)->clear_parts();
  EXPECT_TRUE(std::get<ErasurePart>(parse(all)->content).events.at(0).parts.all());
  const std::pair<const char*, Spoil> cases[] = {
      {"nothing", [](auto& e) { e.Clear(); }},
      {"both", [](auto& e) { e.set_withdraws(a_digest().str()); }},
      {"a short digest", [](auto& e) { e.mutable_events(0)->set_event("x"); }},
      {"withdraws no digest",
       [](auto& e) {
         e.Clear();
         e.set_withdraws("x");
       }},
      {"part 0", [](auto& e) { e.mutable_events(0)->add_parts(0); }},
      {"part 33", [](auto& e) { e.mutable_events(0)->add_parts(33); }},
      {"33 parts",
       [](auto& e) {
         for (int i = 0; i < 31; ++i) e.mutable_events(0)->add_parts(1);
       }},
      {"a prefix for a division", [](auto& e) { e.mutable_events(0)->set_division("411323"); }},
      {"an index beyond all", [](auto& e) { e.mutable_events(0)->set_index(kSequenceMax + 1); }},
      {"no basis", [](auto& e) { e.clear_basis(); }},
      {"more events than a list may have",
       [](auto& e) {
         while (e.events_size() <= 1'000) *e.add_events() = e.events(0);
       }},
  };
  for (const auto& [name, spoil] : cases) {
    proto::Erasure erasure = sound(false);
    spoil(erasure);
    EXPECT_FALSE(parse(erasure)) << name;
  }
}

TEST(Parts, OfLaterVersionsAreReadAsFarAsTheyAreKnown) {
  proto::Part visit;
  visit.mutable_visit()->set_outcome(static_cast<proto::VisitOutcome>(99));
  const auto read = parse_part(pad_part(visit.SerializeAsString()).value());
  ASSERT_TRUE(read);
  EXPECT_EQ(std::get<VisitPart>(read->content).outcome, VisitOutcome::Unspecified);

  proto::Part purpose, reason, incident;
  purpose.mutable_endorsement()->set_purpose(static_cast<proto::Endorsement::Purpose>(9));
  reason.mutable_revocation()->set_reason(static_cast<proto::RevocationReason>(9));
  incident.mutable_incident()->set_type(static_cast<proto::IncidentType>(9));
  for (const proto::Part& message : {purpose, reason, incident}) {
    const auto part = parse_part(pad_part(message.SerializeAsString()).value());
    ASSERT_TRUE(part);
    EXPECT_TRUE(std::holds_alternative<std::monostate>(part->content));
  }
}

TEST(Parts, RefuseBytesThatAreNoPart) {
  EXPECT_FALSE(parse_part(""));
  EXPECT_FALSE(parse_part(Bytes(16, '\0'))) << "no padding mark";
  EXPECT_FALSE(parse_part(pad_part("\xff\xff\xff").value()));
  EXPECT_FALSE(parse_part(pad_part("\x0a\x02\xc3\x28").value())) << "not UTF-8";
  EXPECT_FALSE(parse_part(Bytes(kPartBytesMax + 16, '\x80')));
  const Bytes whole = encode_part(a_credential());
  for (std::size_t n = 1; n < whole.size(); ++n)
    EXPECT_FALSE(parse_part(pad_part(whole.substr(0, n)).value())) << "cut at " << n;
}

TEST(Parts, TheAttachmentsOfABodyAreThoseOfItsReadableParts) {
  const auto photo = [](std::uint32_t size) {
    return Attachment{.digest = a_digest(), .size = size, .media_type = "image/jpeg"};
  };
  const auto part = [&](std::vector<Attachment> attachments) {
    return padded(VisitPart{.remark = "JJJ"}, PartFrame{.attachments = std::move(attachments)});
  };
  Body body = make_body(Salt{}, {part({photo(1), photo(2)}), part({}), part({photo(0)}),
                                 part({photo(3)}), part({photo(4)})})
                  .value();
  body.parts[4].state = PartState::Erased;
  EXPECT_EQ(attachments_of(body), (std::vector{photo(1), photo(2), photo(3)}));
  EXPECT_TRUE(attachments_of(Body{}).empty());
}

TEST(Parts, VisitOutcomesHaveNames) {
  for (int n = 1; n <= static_cast<int>(VisitOutcome::Ended); ++n) {
    const auto outcome = static_cast<VisitOutcome>(n);
    EXPECT_EQ(visit_outcome_named(name_of(outcome)), outcome);
  }
  EXPECT_FALSE(visit_outcome_named("unspecified"));
  EXPECT_FALSE(visit_outcome_named("nobody"));
}

TEST(Parts, FirstContentIsOfTheWantedKindOrNothing) {
  Body body = make_body(Salt{}, {padded(AnchorPart{.note = "n"})}).value();
  EXPECT_TRUE(first_content<AnchorPart>(body));
  EXPECT_FALSE(first_content<FoundingPart>(body));
  body.parts[0].state = PartState::Lost;
  EXPECT_FALSE(first_content<AnchorPart>(body));
  EXPECT_FALSE(first_content<AnchorPart>(Body{}));
}
}  // namespace cunji::event
