#include "scheduler/planner/obstacle.h"
#include "scheduler/planner/plan.h"
#include "scheduler/planner/refusal_cause.h"

#include <array>

namespace loa::planner {

namespace {

template <typename Word, std::size_t count>
QString wordOf(const std::array<const char*, count>& words, Word word)
{
    return QString::fromLatin1(words.at(static_cast<std::size_t>(word)));
}

} // namespace

QString toString(RemedyKind kind)
{
    static constexpr std::array words{"approve_items",  "extend_validity",  "shorten_item", "add_room",
                                      "allow_session",  "lengthen_session", "relax_rule",   "take_back_edit",
                                      "choose_session", "lower_duty"};
    return wordOf(words, kind);
}

QString toString(Standing standing)
{
    static constexpr std::array words{"met", "on_course", "at_risk", "impossible"};
    return wordOf(words, standing);
}

QString toString(RefusalCause cause)
{
    static constexpr std::array words{"bad_rule", "no_policy", "outside_hours", "too_long",
                                      "too_many", "overlap",   "no_room"};
    return wordOf(words, cause);
}

QString toString(Obstacle obstacle)
{
    static constexpr std::array words{"unknown_item", "unknown_session", "refused_session", "frozen",
                                      "not_valid",    "forbidden",       "too_early",       "no_part",
                                      "too_long",     "no_room",         "already_there",   "gap",
                                      "day_limit",    "period_limit",    "series",          "pair",
                                      "beside",       "by_hand",         "not_its_turn",    "too_soon",
                                      "tune",         "repeats"};
    return wordOf(words, obstacle);
}

} // namespace loa::planner
