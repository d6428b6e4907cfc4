// Events as people read them, entries as verifiers do, and a household's timeline: pages of the log
// in its order.
#include <algorithm>

#include "protocol/api.pb.h"
#include "server/api/event_reader.h"
#include "server/api/handlers.h"
#include "server/api/limits.h"
#include "server/api/text.h"
#include "shared/event/kinds.h"

namespace cunji::server {
namespace {
using event::LoggedEvent;
using Wanted = std::function<bool(const LoggedEvent&)>;

// Which entries: of these divisions, or of all where there are none; from `from` on.
struct Question {
  std::vector<DivisionCode> divisions;
  std::uint64_t from = 0, before = UINT64_MAX;
  std::size_t limit = kPageRows;
  Wanted wanted;
};
struct Page {
  std::vector<LoggedEvent> events;
  std::uint64_t next = 0;  // All that is wanted below this index is here.
};

// Cuts to what fits one page.
Page cut(std::vector<LoggedEvent> found, std::uint64_t next, std::size_t limit) {
  std::sort(found.begin(), found.end(),
            [](const LoggedEvent& a, const LoggedEvent& b) { return a.index < b.index; });
  Page out{.events = {}, .next = next};
  std::size_t bytes = 0;
  for (LoggedEvent& logged : found) {
    bytes += logged.entry.event.header().body_length;
    const bool full =
        out.events.size() == limit || (bytes > kPageBodiesBytesMax && !out.events.empty());
    if (logged.index >= next || full) {
      out.next = std::min(next, logged.index);
      break;
    }
    out.events.push_back(std::move(logged));
  }
  return out;
}

// The page of the log's first `size` entries.
Result<Page> read_page(const log::EventLog& log, std::uint64_t size, const Question& question) {
  std::vector<LoggedEvent> found;
  std::uint64_t next = size;
  std::size_t looked = 0, taken = 0;
  // False: enough of this division, or of the log.
  const auto take = [&](const LoggedEvent& logged) {
    if (logged.index >= size || logged.index >= question.before) return false;
    if (question.wanted(logged)) {
      found.push_back(logged);
      ++taken;
    }
    if (++looked < kPageScanMax && taken <= question.limit) return true;
    next = std::min(next, logged.index + 1);
    return false;
  };
  if (question.divisions.empty()) {
    TRY(log.scan(question.from,
                 [&](const LoggedEvent& logged) -> Result<bool> { return take(logged); }));
    return cut(std::move(found), next, question.limit);
  }
  for (const DivisionCode& division : question.divisions) {
    looked = taken = 0;
    std::uint64_t from = question.from;
    for (bool more = true; more;) {
      TRY_AS(entries, log.division_entries(division, from, question.limit + 1));
      more = !entries.empty() && std::all_of(entries.begin(), entries.end(), take);
      if (more) from = entries.back().index + 1;
    }
  }
  return cut(std::move(found), next, question.limit);
}

// A page and what came of its events, as of one size.
struct JudgedPage {
  Page page;
  std::vector<std::optional<state::EventStanding>> standings;
  api::Basis basis;
};

Outcome<JudgedPage> judged_page(Call& call, const Times& times, const Question& question) {
  constexpr int kAttempts = 3;
  JudgedPage out;
  const auto judge = [&](const state::State& state) {
    for (const LoggedEvent& logged : out.page.events)
      out.standings.push_back(state.standing(logged.entry.event.digest()));
  };
  if (times.size) {
    TRY_AS(page, read_page(call.log, *times.size, question));
    out.page = std::move(page);
    TRY_AS(basis, call.look(times, judge));
    out.basis = std::move(basis);
    return out;
  }
  const auto size_now = [](const state::State& state) { return state.next_index(); };
  for (int attempt = 1;; ++attempt) {
    std::uint64_t size = call.fold.read(size_now);
    TRY_AS(page, read_page(call.log, size, question));
    out.page = std::move(page);
    // The log may have grown meanwhile. In the end its writer has to wait.
    const auto read = call.fold.read([&](const state::State& state) -> Result<bool> {
      if (state.next_index() != size) {
        if (attempt < kAttempts) return false;
        size = state.next_index();
        TRY_AS(again, read_page(call.log, size, question));
        out.page = std::move(again);
      }
      judge(state);
      return true;
    });
    if (!read) return read.error();
    if (!*read) continue;
    TRY_AS(basis, call.basis(size, times.valid_at));
    out.basis = std::move(basis);
    return out;
  }
}

std::vector<EventReader> readers_of(Call& call, const Page& page) {
  std::vector<EventReader> out;
  call.fold.read([&](const state::State& newest) {
    for (const LoggedEvent& logged : page.events) out.push_back(reader_of(call, logged, newest));
  });
  return out;
}

template <class Answer>
void put_cursor(const JudgedPage& judged, Answer& out) {
  *out.mutable_basis() = judged.basis;
  if (judged.page.next < judged.basis.known_at()) out.set_next_cursor(cursor_of(judged.page.next));
}

Outcome<std::string> events_json(Call& call, const Times& times, const Question& question) {
  TRY_AS(judged, judged_page(call, times, question));
  const auto readers = readers_of(call, judged.page);
  api::Events out;
  put_cursor(judged, out);
  for (std::size_t i = 0; i < readers.size(); ++i)
    TRY(put_event(judged.page.events[i], readers[i], *call.view->governance, judged.standings[i],
                  *out.add_events()));
  return json_of(out);
}

// Parameters that a page of the log has.
Outcome<Question> take_question(Call& call) {
  Question out;
  TRY_AS(wanted, call.query.take_division(call.county));
  TRY_AS(from, take_index_cursor(call.query));
  TRY_AS(limit, call.query.take_limit());
  const auto kind_name = call.query.take("kind");
  const auto subject_text = call.query.take("subject");
  TRY(call.query.finish());
  std::optional<event::Kind> kind;
  if (kind_name) kind = event::kind_named(*kind_name);
  if (kind_name && !kind)
    return bad_parameter("kind", "没有此事项", "there is no kind \"" + *kind_name + "\"");
  std::optional<SubjectId> subject;
  if (subject_text) subject = parse_hex<SubjectId>(*subject_text);
  if (subject_text && !subject)
    return bad_parameter("subject", "应为 32 位小写十六进制", "32 lower-case hexadecimal digits");
  if (wanted.size() == DivisionCode::kSize)
    out.divisions.push_back(DivisionCode::parse(wanted).value());
  out.from = from;
  out.limit = limit;
  out.wanted = [&call, wanted, kind, subject](const LoggedEvent& logged) {
    const event::Header& header = logged.entry.event.header();
    return header.division.view().starts_with(wanted) &&
           (!kind || header.kind == static_cast<std::uint16_t>(*kind)) &&
           (!subject || header.subject == *subject) && in_scope(call, logged);
  };
  return out;
}
}  // namespace

Outcome<std::string> list_events(Call& call) {
  TRY_AS(times, call.take_times());
  TRY_AS(question, take_question(call));
  return events_json(call, times, question);
}

Outcome<std::string> show_event(Call& call) {
  const Problem missing = not_found("没有此事件，或不在您的授权范围内",
                                    "no such event, or not within your credentials");
  TRY_AS(times, call.take_times());
  TRY(call.query.finish());
  const auto index = index_of(call, call.path_values[0]);
  if (!index) return missing;
  const Question question{
      .divisions = {},
      .from = *index,
      .before = *index + 1,
      .limit = 1,
      .wanted = [&](const LoggedEvent& logged) { return in_scope(call, logged); }};
  if (times.size && *index >= *times.size) return missing;
  TRY_AS(judged, judged_page(call, times, question));
  if (judged.page.events.empty()) return missing;
  const auto readers = readers_of(call, judged.page);
  api::OneEvent out;
  *out.mutable_basis() = judged.basis;
  TRY(put_event(judged.page.events[0], readers[0], *call.view->governance, judged.standings[0],
                *out.mutable_event()));
  return json_of(out);
}

Outcome<std::string> list_timeline(Call& call) {
  const Problem missing = not_found("没有此户，或不在您的授权范围内",
                                    "no such household, or not within your credentials");
  TRY_AS(times, call.take_times());
  TRY_AS(from, take_index_cursor(call.query));
  TRY_AS(limit, call.query.take_limit());
  TRY(call.query.finish());
  const auto id = parse_hex<SubjectId>(call.path_values[0]);
  if (!id) return missing;
  Question question{.divisions = {},
                    .from = from,
                    .before = UINT64_MAX,
                    .limit = limit,
                    .wanted = [&](const LoggedEvent& logged) {
                      return logged.entry.event.header().subject == *id;
                    }};
  const bool may = call.fold.read([&](const state::State& newest) {
    question.divisions = newest.residences(*id);
    return !call.scope->rights_to_household(*id, newest).none();
  });
  if (!may || question.divisions.empty()) return missing;
  call.shown.insert(*id);
  return events_json(call, times, question);
}

Outcome<std::string> list_entries(Call& call) {
  TRY_AS(times, call.take_times());
  TRY_AS(question, take_question(call));
  TRY_AS(judged, judged_page(call, times, question));
  const auto readers = readers_of(call, judged.page);
  api::Entries out;
  put_cursor(judged, out);
  for (std::size_t i = 0; i < readers.size(); ++i) {
    const LoggedEvent& logged = judged.page.events[i];
    api::Entry& line = *out.add_entries();
    line.set_index(logged.index);
    line.set_entry(logged.entry.encode());
    line.set_body(event::encode_body(readable_body(logged, readers[i])));
    line.set_leaf_hash(to_hex(logged.entry.leaf_hash().view()));
  }
  return json_of(out);
}
}  // namespace cunji::server
