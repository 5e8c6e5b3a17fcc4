// Whether one log line is evidence, and in which words. Internal to compliance; borrows the input.
#pragma once

#include "scheduler/compliance/standing.h"

#include <QHash>
#include <QSet>

namespace loa::compliance {

class Ledger {
public:
    explicit Ledger(const ComplianceInput& input);

    [[nodiscard]] const KnownItem* find(const ItemId& id) const; // null: not known
    [[nodiscard]] bool feedsSpeakers(const QString& output) const { return m_speakerOutputs.contains(output); }
    [[nodiscard]] bool isTopical(const KnownItem& item) const;

    // The line by itself, in the order of the log: Counts also for an item that has been counted. Remembers the line,
    // so that the same one again is Repeated.
    [[nodiscard]] Verdict judge(const LogEntry& entry);
    [[nodiscard]] Text explain(Verdict verdict, const LogEntry& entry) const;

private:
    const ComplianceInput& m_input;
    QHash<ItemId, const KnownItem*> m_items;
    QSet<QString> m_speakerOutputs;
    QSet<std::pair<AgentId, qint64>> m_seen;
};

// The standing in a sentence, and what to do.
[[nodiscard]] Text noteOn(const StationStanding& standing, const model::Obligation& obligation,
                          const model::PeriodDates& period);

} // namespace loa::compliance
