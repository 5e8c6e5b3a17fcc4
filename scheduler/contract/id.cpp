#include "scheduler/contract/id.h"

#include "scheduler/contract/hash.h"

#include <QRandomGenerator>

#include <algorithm>
#include <array>

namespace loa {

namespace {

constexpr char16_t crockford[] = u"0123456789abcdefghjkmnpqrstvwxyz";

} // namespace

bool isValidId(QStringView text)
{
    return !text.isEmpty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](QChar character) {
        const char16_t code = character.unicode();
        return (code >= u'a' && code <= u'z') || (code >= u'0' && code <= u'9') || code == u'-';
    });
}

QString newId(UtcTime now)
{
    QString text(26, Qt::Uninitialized);
    auto milliseconds =
        static_cast<std::uint64_t>(std::chrono::floor<std::chrono::milliseconds>(now).time_since_epoch().count());
    for (qsizetype index = 9; index >= 0; --index) {
        text[index] = QChar(crockford[milliseconds & 31]);
        milliseconds >>= 5;
    }
    std::array<quint32, 3> random{};
    QRandomGenerator::system()->fillRange(random.data(), static_cast<qsizetype>(random.size()));
    // 16 characters of 5 bits, 6 from each 32-bit number.
    for (qsizetype index = 0; index < 16; ++index) {
        quint32& source = random[static_cast<std::size_t>(index / 6)];
        text[10 + index] = QChar(crockford[source & 31]);
        source >>= 5;
    }
    return text;
}

QString derivedId(std::initializer_list<QStringView> parts)
{
    QByteArray joined;
    for (const QStringView part : parts) {
        const QByteArray utf8 = part.toUtf8();
        // The length in front keeps ("ab","c") and ("a","bc") apart.
        joined += QByteArray::number(utf8.size()) + ':' + utf8;
    }
    const Sha256 hash = sha256(joined);
    QString text(26, Qt::Uninitialized);
    std::uint32_t bits = 0;
    int available = 0;
    std::size_t next = 0;
    for (QChar& character : text) {
        if (available < 5) {
            bits = (bits << 8) | hash.bytes[next++];
            available += 8;
        }
        available -= 5;
        character = QChar(crockford[(bits >> available) & 31]);
    }
    return text;
}

SessionId sessionIdFor(const StationId& station, const SessionRuleId& rule, UtcTime startsAt)
{
    return {derivedId({u"session", station.value, rule.value, toString(startsAt)})};
}

AiringId airingIdFor(const SessionId& session, const ItemId& item, QStringView tune)
{
    if (!tune.isEmpty())
        return {derivedId({u"airing", session.value, item.value, tune})};
    return {derivedId({u"airing", session.value, item.value})};
}

AiringId relayAiringIdFor(const SessionId& session, const RelayId& relay, QStringView part)
{
    return {derivedId({u"relay", session.value, relay.value, part})};
}

AiringId standbyAiringIdFor(const AiringId& relay, const ItemId& item)
{
    return {derivedId({u"standby", relay.value, item.value})};
}

} // namespace loa
