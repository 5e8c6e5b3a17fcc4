// Duties (chỉ tiêu) of the plan's appendix and of any later plan: who owes what, how many, per which period, until
// when, reported to whom. Plain values, any thread. Source: ke-hoach-cchc-ha-noi-2024, IV and appendix.
#pragma once

#include "media/error.h"
#include "scheduler/contract/id.h"

#include <QDate>
#include <QString>

#include <optional>
#include <vector>

namespace loa::model {

enum class ObligationPeriod { Week, Month, Quarter, Year, Once };
[[nodiscard]] QString toString(ObligationPeriod period); // "week", "month", "quarter", "year", "once"
[[nodiscard]] Result<ObligationPeriod> obligationPeriodFromString(QStringView text);

enum class ObligationEvidence {
    Airings, // counted from what sounded
    Listed,  // tracked by hand
};

// What is counted of airings that sounded whole within the period.
enum class ObligationMeasure {
    DistinctItems, // different items, each once
    Airings,       // every airing
    Minutes,       // their length together, in full minutes
};
[[nodiscard]] QString toString(ObligationMeasure measure); // "distinct_items", "airings", "minutes"
[[nodiscard]] Result<ObligationMeasure> obligationMeasureFromString(QStringView text);

struct Obligation {
    ObligationId id;
    UnitId unit;  // whose stations owe it, or who owes it
    QString plan; // the paper
    int row = 0;  // of the plan's appendix; 0: none
    QString titleVi;
    QString titleEn;
    QString dutyHolderVi; // as the plan names it
    QString reportedToVi;
    int required = 0; // of `measure` (Airings) or pieces (Listed)
    ObligationMeasure measure = ObligationMeasure::DistinctItems;
    ObligationPeriod period = ObligationPeriod::Month;
    std::optional<QDate> due;         // for Once, or the last day within the year
    std::vector<QString> topicGroups; // an item counts when one of its topics is in one of these groups
    ObligationEvidence evidence = ObligationEvidence::Listed;
    QDate validFrom;
    std::optional<QDate> validUntil;
    bool operator==(const Obligation&) const = default;
};

} // namespace loa::model
