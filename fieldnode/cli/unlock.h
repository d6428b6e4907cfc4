#pragma once
// From a PIN or passphrase to the vault's data key, with what people read when it fails.
#include <optional>

#include "fieldnode/cli/context.h"

namespace cunji::fieldnode::cli {
// Asks for the PIN or passphrase, unless the vault was unlocked in this process before. Nothing
// after it has said why not: wrong, too soon after wrong ones, damaged, another device's.
std::optional<crypto::SealKey> unlock_vault(const Context& context);
// Deletes the entries of the villages from a folder that nobody has unlocked for thirty days (D16),
// and says so. Needs no key; does nothing while another program has the folder open.
void drop_when_long_locked(const Context& context);
void say_dropped();
// Makes the vault of a new folder under a PIN or passphrase that is asked for. `desk`: no PIN.
std::optional<crypto::SealKey> make_vault(const Context& context, bool desk);
// Asks for the present secret and a new one of the same kind (or a passphrase instead of a PIN),
// and wraps the data key anew. Gives the exit code.
int change_secret(const Context& context);

// After a session. Says that reading is closed where the county has revoked this key; when it has
// everything that was signed here, closes the node and wipes it: the vault first, for without it
// the rest is noise. True when it was wiped.
bool wipe_when_done(const Context& context, std::unique_ptr<OpenNode>& open);
}  // namespace cunji::fieldnode::cli
