#include "shared/event/statement.h"

#include "shared/crypto/hash.h"

namespace cunji::event {
namespace {
constexpr std::string_view kLabel = "cunji/report/v1\n";

template <class Unsigned>
void put(Unsigned number, Bytes& out) {
  for (int shift = 8 * (static_cast<int>(sizeof number) - 1); shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(number >> shift));
}
void put_text(std::string_view text, Bytes& out) {
  put(static_cast<std::uint32_t>(text.size()), out);
  out.append(text);
}
void put_texts(const std::vector<std::string>& texts, Bytes& out) {
  put(static_cast<std::uint32_t>(texts.size()), out);
  for (const std::string& text : texts) put_text(text, out);
}
}  // namespace

Digest digest_of(const StatementPart& statement) {
  Bytes out(kLabel);
  put_text(statement.of, out);
  put_text(statement.period, out);
  put_text(format_date(statement.valid_at), out);
  put(statement.log_size, out);
  put(statement.supplement, out);
  put_texts(statement.header, out);
  put(static_cast<std::uint32_t>(statement.rows.size()), out);
  for (const StatementPart::Row& row : statement.rows) {
    out.append(row.subject.view());
    put_texts(row.cells, out);
  }
  return crypto::sha256(out);
}
}  // namespace cunji::event
