#include "shared/event/event.h"

#include <gtest/gtest.h>

#include "tests/unit/shared/event/support.h"

namespace cunji::event {
static Result<Event> make(const Draft& what, const ChainHead& head, const Seen& seen = {7, {}}) {
  crypto::SeededEntropy entropy(2, "event");
  return make_event(key_of(1), county(), head, seen, what, entropy);
}

TEST(MakeEvent, PassesEveryCheckThatTheServerMakes) {
  const ChainHead head = first_head(key_of(1));
  const Event event = make(draft(), head).value();
  EXPECT_TRUE(event.signed_event.verify());
  EXPECT_TRUE(check_body(event.signed_event.header(), event.body));
  EXPECT_EQ(link_of(head, event.signed_event), ChainLink::Next);
  EXPECT_EQ(SignedEvent::decode(event.signed_event.encode()).value(), event.signed_event);
  EXPECT_EQ(unpad_part(event.body.parts[0].padded).value(), "a part");
}

TEST(MakeEvent, GoesOnFromTheHead) {
  const crypto::KeyPair key = key_of(1);
  const Event first = make(draft(), first_head(key)).value();
  const ChainHead head = advanced(first_head(key), first.signed_event, 7);
  const Event second = make(draft(), head).value();
  EXPECT_EQ(second.signed_event.header().sequence, 2U);
  EXPECT_EQ(second.signed_event.header().previous, first.signed_event.digest());
}

TEST(MakeEvent, SaltsEveryEventAnew) {
  crypto::SeededEntropy entropy(2, "event");
  const crypto::KeyPair key = key_of(1);
  const auto one = make_event(key, county(), first_head(key), {7, {}}, draft(), entropy);
  const auto two = make_event(key, county(), first_head(key), {7, {}}, draft(), entropy);
  EXPECT_NE(one->signed_event.header().commitment, two->signed_event.header().commitment)
      << "equal answers must not be recognised by their commitments";
}

TEST(MakeEvent, RefusesWhatItCouldNotSend) {
  const ChainHead head = first_head(key_of(1));
  Draft early = draft();
  early.recorded = TimePoint{Duration{-1}};
  Draft abroad = draft();
  abroad.division = DivisionCode::parse("411324001201").value();
  Draft governance = draft();
  governance.kind = Kind::Credential;
  ChainHead last = head;
  last.sequence = kSequenceMax;
  EXPECT_EQ(make(draft({}), head).error().code, Errc::Limit);
  EXPECT_EQ(make(draft(std::vector<Bytes>(33, "x")), head).error().code, Errc::Limit);
  EXPECT_EQ(make(draft({Bytes(kPartBytesMax, 'x')}), head).error().code, Errc::Limit);
  EXPECT_EQ(make(early, head).error().code, Errc::Malformed);
  EXPECT_EQ(make(abroad, head).error().code, Errc::Malformed);
  EXPECT_EQ(make(governance, head).error().code, Errc::Malformed);
  EXPECT_EQ(make(draft(), last).error().code, Errc::Malformed);
  EXPECT_EQ(make(draft(), head, {0, {}}).error().code, Errc::Malformed);
}
}  // namespace cunji::event
