// From a session's template to its frames: where tunes and relays stand, and how much room each part has for items.
// Pure, any thread.
//
// Parts with an exact second, and the ends of relays, divide the session into segments. Within one, parts follow each
// other without a gap; what stays free lies at its end, so that what has a second begins at it to the frame. While the
// tunes and the `least` of the parts of a segment are longer than it, parts go by their cut order (of equals the
// later); a relay that the session's end cuts goes on as long as there is time, when it may be cut and its `least` is
// kept. A time signal begins so early that its mark is at its second. A bed keeps its `least` free, and gets in the end
// what the items of its segment leave (joins.h). A tune that may not sound on that day is left out. Whatever goes is
// told in Session::cuts.
#pragma once

#include "media/error.h"
#include "scheduler/model/item.h"
#include "scheduler/model/session_template.h"

#include <functional>

namespace loa::planner {

struct TuneRecording {
    int version = 0;
    Sha256 sha256;
    FrameCount frames;
    bool mayFade = false;
};

// Of an item that is approved and valid on that local day.
[[nodiscard]] std::optional<TuneRecording> recordingOf(const model::Item& item, QDate date);

// The recording of an item that may sound on that local day; none: not approved, or not valid then.
using TuneFinder = std::function<std::optional<TuneRecording>(const ItemId& item, QDate date)>;

// The session with segments, parts, tunes, relays and cuts. Error: LimitExceeded when parts that may not be cut find no
// room; the sentence names the part and the time that lacks.
[[nodiscard]] Result<model::Session> layOut(const model::SessionTemplate& made, model::Session session,
                                            const TuneFinder& findTune);

} // namespace loa::planner
