#pragma once
// What sessions and plain requests read: a connection of their own to the log, and the newest view
// of the writer. Belongs to the socket thread.
#include <memory>

#include "server/app/keeper.h"
#include "shared/sync/server_session.h"

namespace cunji::server {
class Reader final : public sync::ServerSource {
 public:
  Reader(std::unique_ptr<log::EventLog> log, ViewPtr view)
      : log_(std::move(log)), view_(std::move(view)) {}
  void show(ViewPtr view) { view_ = std::move(view); }

  const log::EventLog& log() const override { return *log_; }
  const credential::Governance& governance() const override { return *view_->governance; }
  const std::string& note() const override { return view_->published.note; }
  const log::Checkpoint& checkpoint() const override { return view_->published.checkpoint; }
  void offer(Bytes tls_statement) { tls_statement_ = std::move(tls_statement); }
  BytesView tls_statement() const override { return tls_statement_; }
  const event::LoggedEvent& founding() const override { return view_->founding; }
  const event::LoggedEvent& system_credential() const override { return view_->system_credential; }

 private:
  std::unique_ptr<log::EventLog> log_;  // Read-only.
  ViewPtr view_;
  Bytes tls_statement_;
};
}  // namespace cunji::server
