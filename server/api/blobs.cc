// Photos and scans: the bytes of one, for whoever may read the part that names it.
#include <algorithm>

#include "server/api/event_reader.h"
#include "server/api/handlers.h"
#include "server/api/text.h"

namespace cunji::server {
// What a browser may show as what it says that it is. The word is its author's, who may be anyone:
// as anything else, a page with a script in it, say, it is given out as bytes only.
static std::string media_type_of(const event::Attachment& photo) {
  const bool known = photo.media_type == "image/jpeg" || photo.media_type == "image/png";
  return known ? photo.media_type : "application/octet-stream";
}

// A digest says nothing of where it stands in the log, and is no key to it: the question names the
// event. A picture can't be masked, so it goes with a part that the reader sees whole.
Outcome<std::string> show_blob(Call& call) {
  const Problem missing = not_found("没有此照片，或不在您的授权范围内",
                                    "no such photo, or not within your credentials");
  const auto named_by = call.query.take("event");
  TRY(call.query.finish());
  if (!named_by)
    return bad_parameter("event", "应为载有此照片的事件，序号或摘要",
                         "the event that names the photo, by index or digest");
  const auto digest = parse_hex<Digest>(call.path_values[0]);
  const auto index = index_of(call, *named_by);
  const std::uint64_t size =
      call.fold.read([](const state::State& newest) { return newest.next_index(); });
  if (!digest || !index || *index >= size) return missing;
  TRY_AS(logged, call.log.at(*index));
  if (!logged || !in_scope(call, *logged)) return missing;
  const EventReader reader =
      call.fold.read([&](const state::State& newest) { return reader_of(call, *logged, newest); });
  call.known_at = size;
  call.valid_at = call.today();

  const auto photos = event::attachments_of(readable_body(*logged, reader));
  const auto photo = std::find_if(photos.begin(), photos.end(),
                                  [&](const auto& each) { return each.digest == *digest; });
  if (photo == photos.end()) {
    const auto& parts = logged->body.parts;
    const bool erased = std::any_of(parts.begin(), parts.end(), [](const event::PartSlot& part) {
      return part.state == event::PartState::Erased;
    });
    if (!erased) return missing;
    return Problem{.status = 410,
                   .code = "erased",
                   .zh = "此事件的内容已依法删除，照片随之删除",
                   .en = "contents of this event were erased by law, and its photos with them"};
  }
  const auto bytes = call.read_blob(*digest);
  if (!bytes && bytes.error().code == Errc::Io)
    return busy("磁盘暂时无法读写", "the disk refuses for now");
  if (!bytes)
    return Problem{.status = 500,
                   .code = "damaged",
                   .zh = "照片已损坏，与摘要不符",
                   .en = "the county's copy is damaged: it is not what its digest says"};
  if (!*bytes)
    return Problem{.status = 404,
                   .code = "not_held",
                   .zh = "照片尚未传到，或已随另一事件依法删除",
                   .en = "the photo has not arrived yet, or was erased with another event"};
  call.content_type = media_type_of(*photo);
  return **bytes;
}
}  // namespace cunji::server
