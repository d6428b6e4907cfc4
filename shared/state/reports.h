#pragma once
// The reports that definitions declare, made from the state: lists, cards, changes between codes
// and boards (README.md, "Reports"). Pure; every cell is text as it is printed.
#include <optional>
#include <string>
#include <vector>

#include "shared/state/inquiry.h"
#include "shared/state/when.h"

namespace cunji::state {
struct ReportCell {
  enum class Kind : std::uint8_t {
    Said,
    Missing,   // Nobody said so, or there is nothing to judge.
    Unset,     // It cannot be judged: a parameter has no value (S8).
    Elsewhere  // It needs more than is held here: the county says it (S7).
  };
  Kind kind = Kind::Missing;
  std::string text{};  // As printed; of what is not said, why.
  std::string unit{};
  bool operator==(const ReportCell&) const = default;
};
ReportCell said_cell(std::string text, std::string unit = {});
// A cell of another kind, with the words for it.
ReportCell empty_cell(ReportCell::Kind kind);

struct ReportRow {
  SubjectId subject{};               // Zero where a row is about none.
  std::vector<std::string> group{};  // Of which groups, the outermost first.
  std::vector<ReportCell> cells{};
};
struct ReportHeading {
  programme::Label title{};
  ReportCell cell{};
};
struct ReportNow {
  std::string id{}, programme{};
  programme::Label label{};
  programme::Layout layout = programme::Layout::List;
  std::string period{};  // "2022-03"; empty where it has none.
  Date valid_at{};
  SubjectId about{};  // Whose it is: the county, a town, a village, an office.
  std::vector<ReportHeading> header{};
  std::vector<programme::Label> groups{}, titles{};
  std::vector<ReportRow> rows{};
  std::string note{};
  std::vector<std::string> signers{};  // The posts that sign it, by code.
};

// A report as it is declared.
struct ReportView {
  std::string id{}, programme{};
  programme::Label label{};
  programme::Layout layout = programme::Layout::List;
  programme::Period period = programme::Period::None;
  std::string rows{};  // A type of subject.
  std::vector<Whom> readers{};
  std::vector<Whom> filers{};  // Who files a statement of it; empty where nothing asks for one.
  bool by_office = false;      // Its first group is an office: it can be asked for one alone.
};

struct ReportAsked {
  std::string id{};
  SubjectId about{};                    // The division, where no office is meant.
  std::vector<std::string> prefixes{};  // What of it is held here.
  bool partial = false;                 // Not all of the county is.
  std::optional<SubjectId> office{};    // Its rows alone.
  std::optional<SubjectId> one{};       // This row alone.
  std::optional<Date> in_period{};      // Of the period that holds this day, which may be over.
  std::optional<When> before{};         // As it was just before this.
  bool mask = false;                    // What is personal is hidden, whoever reads.
};

// A value that a warning's definition shows beside it.
struct Shown {
  programme::Label label;
  ReportCell cell;
};
// Of each of these warnings of the inquiry's day, in their order. `held`: what of the county is
// held here, and whether that is all.
std::vector<std::vector<Shown>> shown_beside(const Inquiry& inquiry,
                                             const std::vector<WarningNow>& warnings,
                                             const ReportAsked& held);

// The office of a code; nothing where none has it on the day.
std::optional<SubjectId> office_subject(const Inquiry& inquiry, const std::string& code);
// By id.
std::vector<ReportView> reports_declared(const Inquiry& inquiry);
// On the inquiry's day; nothing for a report that is not declared.
std::optional<ReportNow> report(const Inquiry& inquiry, const ReportAsked& asked);
}  // namespace cunji::state
