// The state folder of an agent that was enrolled and has fetched everything: its scheduler may be gone.
#pragma once

#include "scheduler/contract/id.h"
#include "scheduler/contract/time.h"
#include "tests/playout/engine/house_files.h"

#include <QString>
#include <QUrl>

#include <vector>

namespace loa::bench {

inline const StationId benchStation{QStringLiteral("station-1")};
inline const QString benchOutput = QStringLiteral("main");

struct Furniture {
    QUrl scheduler{QStringLiteral("http://127.0.0.1:9")}; // nobody answers there
    std::vector<playout::test::HouseFile> houses;         // each session plays them all, in this order
    QString media;                                        // the folder in which they lie
    UtcTime issued;
    std::vector<UtcTime> sessions;
};

// Throws std::runtime_error.
void furnishAgent(const QString& state, const Furniture& furniture);

} // namespace loa::bench
