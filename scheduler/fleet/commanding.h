// Gives people's orders to stations: one signed command a station, stored before it is sent, offered until it is
// answered, cancelled or no longer valid. What may not sound is refused here already, and again by the agent (promises
// 1 and 2). Storage thread. Ownership: borrows key and clock; `push` is called after the commit, and only hands over.
// Errors: InvalidInput, NotFound, Conflict, Forbidden, Storage.
#pragma once

#include "scheduler/contract/clock.h"
#include "scheduler/model/item.h"
#include "scheduler/model/organisation.h"
#include "scheduler/store/store.h"

#include <functional>
#include <span>
#include <vector>

namespace loa::fleet {

inline constexpr std::chrono::minutes usualCommandValidity{10};

// `order` is complete but for what differs by station.
struct NewOrder {
    std::optional<UnitId> unit; // or station: whom it was given for, as the person said it
    std::optional<StationId> station;
    CommandOrder order;
    std::optional<ItemId> item; // of a play
    std::chrono::minutes validity = usualCommandValidity;
};

// The media entry of an item that may sound on `today`. Errors: Conflict: not approved, or not valid that day.
[[nodiscard]] Result<BundleMedia> mediaToPlay(const model::Item& item, QDate today);

class Commanding {
public:
    using Push = std::function<void(const StationId&, const QByteArray& sealed)>;

    Commanding(const SigningKey& key, const Clock& clock, Push push = {})
        : m_key(key), m_clock(clock), m_push(std::move(push))
    {
    }

    // One command for each station. A station without an agent, one that the item's scope does not hold, and one
    // outside its hours get none: they are told of as refused. Error: InvalidInput when there is no station, or the
    // order goes over a limit.
    [[nodiscard]] Result<OrderId> give(store::Store& store, const NewOrder& order, const model::User& by,
                                       std::span<const model::Station> stations);
    // What waits is not offered any more; what an agent has taken up is ordered to stop. The order to stop, if there is
    // one.
    [[nodiscard]] Result<std::optional<OrderId>> cancel(store::Store& store, const OrderId& order,
                                                        const model::User& by);

    // A frame of live speech, signed for all stations of the order. No Opus bytes: the end. Any thread.
    [[nodiscard]] QByteArray speech(const OrderId& order, std::uint32_t sequence, const QByteArray& opus) const;

    // The station's sheet, sealed.
    [[nodiscard]] Result<QByteArray> sheet(store::Store& store, const StationId& station, const QByteArray& challenge);
    // Any number of times, in any order; a command's standing never goes back. What is not a command of one of the
    // agent's stations is passed over. Number noted.
    [[nodiscard]] Result<int> takeAnswers(store::Store& store, const model::Agent& agent,
                                          std::span<const Acknowledgement> answers);

private:
    // `refusal`: the log's word, for a command that is not sent.
    [[nodiscard]] Result<void> send(store::Store& store, const CommandOrder& order, const store::OrderRecord& record,
                                    const model::Station& station, const QString& refusal);

    const SigningKey& m_key;
    const Clock& m_clock;
    Push m_push;
};

} // namespace loa::fleet
