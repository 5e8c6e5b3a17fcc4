// The clock of the board that goes on while the power is gone, if it has one (RTC).
//
// Threads: any. Failure: none where there is no such clock, or it says that it stopped.
// Source: Linux, Documentation/admin-guide/rtc.rst: since_epoch, in whole seconds, of the clock that set the system's
// at boot (hctosys), else of the first. A driver refuses to be read when the clock's oscillator has stopped.
#pragma once

#include "scheduler/contract/time.h"

#include <QString>

#include <optional>

namespace loa::playout {

class BoardClock {
public:
    virtual ~BoardClock() = default;
    [[nodiscard]] virtual std::optional<UtcTime> now() const = 0;
};

class SystemBoardClock final : public BoardClock {
public:
    explicit SystemBoardClock(QString folder = QStringLiteral("/sys/class/rtc")) : m_folder(std::move(folder)) {}
    [[nodiscard]] std::optional<UtcTime> now() const override;

private:
    QString m_folder;
};

} // namespace loa::playout
