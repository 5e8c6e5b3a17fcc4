// What an agent remembers of a station's commands, on disk before it acts: the highest sequence, so that none is obeyed
// twice, also after a power cut, and each command taken with how far it has come. Commands lie there as they were
// signed and are verified again when the book is read. Thread: the agent's. Borrows the cache. Failure: keep() leaves
// the book on disk as it was.
#pragma once

#include "playout/cache/cache.h"
#include "playout/journal/journal.h"
#include "scheduler/contract/command.h"

#include <vector>

namespace loa::playout {

struct TakenCommand {
    Command command;
    QByteArray sealed;
    Acknowledgement answer;
    bool isSent = false;           // the scheduler has that answer
    bool isPlaced = false;         // with the player: this run's alone
    std::vector<AiringEnd> ends{}; // one an output, as they come: this run's alone
};

class CommandBook {
public:
    CommandBook(StationId station, Cache& cache) : m_station(std::move(station)), m_cache(&cache) {}

    // Error: why what is on disk could not be used. The book is empty then, and damaged().
    [[nodiscard]] Result<void> load();
    [[nodiscard]] Result<void> keep();

    [[nodiscard]] const StationId& station() const { return m_station; }
    [[nodiscard]] std::int64_t sequence() const { return m_sequence; }
    // How much had been obeyed is not known: nothing issued before `from` is believed to be new.
    [[nodiscard]] bool isDamaged() const { return m_isDamaged; }
    void mend(UtcTime from);
    [[nodiscard]] std::optional<UtcTime> notBefore() const { return m_notBefore; }

    [[nodiscard]] std::vector<TakenCommand>& taken() { return m_taken; }
    [[nodiscard]] const std::vector<TakenCommand>& taken() const { return m_taken; }
    [[nodiscard]] TakenCommand* find(const CommandId& command);
    // Its sequence counts as used from now on. Forgets the oldest that are done and answered.
    TakenCommand& take(TakenCommand command);

private:
    [[nodiscard]] Result<void> read(const QByteArray& bytes);

    StationId m_station;
    Cache* m_cache;
    std::int64_t m_sequence = 0;
    std::vector<TakenCommand> m_taken; // by sequence
    std::optional<UtcTime> m_notBefore;
    bool m_isDamaged = false;
};

} // namespace loa::playout
