#include "scheduler/contract/relay.h"

#include "scheduler/contract/canonical_json.h"
#include "scheduler/contract/json_reader.h"

#include <QJsonArray>
#include <QUrl>

#include <algorithm>
#include <array>

namespace loa {

using namespace Qt::StringLiterals;

namespace {

tl::unexpected<Error> wrong(const QString& where, Text message)
{
    return fail(ErrorCategory::InvalidInput, std::move(message), where);
}

bool hasSchemeOf(RelayKind kind, const QString& scheme)
{
    return kind == RelayKind::Rtp ? scheme == u"rtp" : scheme == u"http" || scheme == u"https";
}

Result<void> checkAddress(const QString& address, RelayKind kind, const QString& where)
{
    if (address.isEmpty() || address.size() > longestRelayAddress)
        return wrong(where, {u"Địa chỉ dài từ 1 đến %1 ký tự."_s.arg(longestRelayAddress),
                             u"An address has 1 to %1 characters."_s.arg(longestRelayAddress)});
    // Written as it goes out: nothing for one program to read one way and another the other.
    const bool isPlain = std::all_of(address.begin(), address.end(), [](QChar character) {
        return character > u' ' && character < QChar(0x7f) && character != u'\\' && character != u'"' &&
               character != u'<' && character != u'>' && character != u'|' && character != u'#';
    });
    const QUrl url(address, QUrl::StrictMode);
    if (!isPlain || !url.isValid() || url.host().isEmpty())
        return wrong(where, {u"Đây không phải là một địa chỉ đầy đủ (ví dụ https://phat.vov.vn/vov1.mp3)."_s,
                             u"This is not a whole address (such as https://phat.vov.vn/vov1.mp3)."_s});
    if (!hasSchemeOf(kind, url.scheme()))
        return wrong(where, kind == RelayKind::Rtp ? Text{u"Nguồn RTP có địa chỉ bắt đầu bằng rtp://."_s,
                                                          u"The address of an RTP source begins with rtp://."_s}
                                                   : Text{u"Địa chỉ phải bắt đầu bằng http:// hoặc https://."_s,
                                                          u"The address must begin with http:// or https://."_s});
    if (!url.userInfo().isEmpty() || address.contains(u'@'))
        return wrong(where, {u"Không ghi tên đăng nhập và mật khẩu trong địa chỉ: bản kê phát không giữ bí mật."_s,
                             u"No user name and password in an address: a bundle keeps no secrets."_s});
    if (kind == RelayKind::Rtp && (url.port() < 1024 || url.port() % 2 != 0 || !url.query().isEmpty() ||
                                   (!url.path().isEmpty() && url.path() != u"/")))
        return wrong(where, {u"Địa chỉ RTP gồm máy và một cổng chẵn từ 1024, ví dụ rtp://239.1.2.3:5004."_s,
                             u"An RTP address is a host and an even port from 1024, such as rtp://239.1.2.3:5004."_s});
    return {};
}

constexpr std::array<std::pair<RelayKind, QLatin1String>, 3> kindWords{
    {{RelayKind::Stream, "stream"_L1}, {RelayKind::Hls, "hls"_L1}, {RelayKind::Rtp, "rtp"_L1}}};

} // namespace

QString toString(RelayKind kind)
{
    return std::ranges::find(kindWords, kind, &std::pair<RelayKind, QLatin1String>::first)->second;
}

Result<RelayKind> relayKindFromString(QStringView text)
{
    for (const auto& [kind, word] : kindWords) {
        if (text == word)
            return kind;
    }
    return fail(ErrorCategory::InvalidInput, {u"Loại nguồn tiếp sóng phải là stream, hls hoặc rtp."_s,
                                              u"The kind of a relay source must be stream, hls or rtp."_s});
}

Result<void> checkRelay(const RelayDefinition& relay)
{
    if (!isValidId(relay.id.value) || !isValidId(relay.unit.value))
        return wrong(u"/id"_s, {u"Mã nguồn tiếp sóng không hợp lệ."_s, u"The relay source's id is not valid."_s});
    if (relay.name.trimmed().isEmpty() || relay.name.size() > 200)
        return wrong(u"/name"_s, {u"Nguồn tiếp sóng cần có tên, dài không quá 200 ký tự."_s,
                                  u"A relay source needs a name of at most 200 characters."_s});
    if (relay.addresses.empty() || relay.addresses.size() > mostRelayAddresses)
        return wrong(u"/addresses"_s, {u"Nguồn tiếp sóng có từ 1 đến %1 địa chỉ."_s.arg(mostRelayAddresses),
                                       u"A relay source has 1 to %1 addresses."_s.arg(mostRelayAddresses)});
    for (std::size_t index = 0; index < relay.addresses.size(); ++index) {
        const QString where = u"/addresses/%1"_s.arg(index);
        if (auto checked = checkAddress(relay.addresses[index], relay.kind, where); !checked)
            return checked;
        if (std::count(relay.addresses.begin(), relay.addresses.end(), relay.addresses[index]) > 1)
            return wrong(where, {u"Địa chỉ được ghi hai lần."_s, u"The address is given twice."_s});
    }
    if (relay.rtp && relay.kind != RelayKind::Rtp)
        return wrong(u"/rtpmap"_s, {u"Chỉ nguồn RTP mới có kiểu tải."_s, u"Only an RTP source has an RTP format."_s});
    if (relay.silence < shortestRelaySilence || relay.silence > longestRelaySilence)
        return wrong(u"/silence_seconds"_s,
                     {u"Thời gian im lặng cho phép từ %1 đến %2 giây."_s.arg(shortestRelaySilence.count())
                          .arg(longestRelaySilence.count()),
                      u"The silence allowed is %1 to %2 seconds."_s.arg(shortestRelaySilence.count())
                          .arg(longestRelaySilence.count())});
    if (relay.standby && !isValidId(relay.standby->value))
        return wrong(u"/standby_item_id"_s,
                     {u"Mã tin/bài dự phòng không hợp lệ."_s, u"The standby item's id is not valid."_s});
    return {};
}

Sha256 hashOf(const RelayDefinition& relay)
{
    // Text and integers alone: it always has a canonical form.
    const auto canonical = canonicalJson(toJson(relay));
    return sha256(QByteArray("loa-relay/1\n") + canonical.value_or(QByteArray()));
}

QString shownAddress(const QString& address)
{
    const QUrl url(address);
    return url.toString(QUrl::RemoveUserInfo | QUrl::RemoveQuery | QUrl::RemoveFragment).left(200);
}

QJsonObject toJson(const RelayDefinition& relay)
{
    QJsonArray addresses;
    for (const QString& address : relay.addresses)
        addresses.append(address);
    QJsonObject object{{u"id"_s, relay.id.value},
                       {u"unit_id"_s, relay.unit.value},
                       {u"name"_s, relay.name},
                       {u"kind"_s, toString(relay.kind)},
                       {u"addresses"_s, addresses},
                       {u"silence_seconds"_s, qint64(relay.silence.count())},
                       {u"standby_item_id"_s, relay.standby ? QJsonValue(relay.standby->value) : QJsonValue()}};
    if (relay.rtp) // not there otherwise: consents to what has none stay what they were
        object.insert(u"rtpmap"_s, media::toString(*relay.rtp));
    return object;
}

Result<RelayDefinition> relayDefinitionFromJson(const QJsonObject& object)
{
    JsonReader reader(object);
    RelayDefinition relay;
    relay.id = reader.id<RelayTag>("id"_L1);
    relay.unit = reader.id<UnitTag>("unit_id"_L1);
    relay.name = reader.text("name"_L1, 200);
    relay.kind = reader.parsed<RelayKind>("kind"_L1, relayKindFromString);
    for (const QJsonValue address : reader.array("addresses"_L1, qsizetype(mostRelayAddresses))) {
        if (!address.isString())
            reader.reject("addresses"_L1, {u"Địa chỉ phải là chuỗi ký tự."_s, u"An address must be text."_s});
        relay.addresses.push_back(address.toString());
    }
    relay.silence = std::chrono::seconds(reader.integer("silence_seconds"_L1, 0, 86'400));
    if (reader.has("standby_item_id"_L1))
        relay.standby = reader.id<ItemTag>("standby_item_id"_L1);
    else
        (void)reader.given("standby_item_id"_L1);
    if (reader.given("rtpmap"_L1))
        relay.rtp = reader.parsed<media::RtpMap>("rtpmap"_L1, media::rtpMapFrom);
    if (auto read = reader.finish(); !read)
        return passOn(read);
    return relay;
}

QString toString(const RelayShare& share)
{
    return share.source == standbyShare ? u"standby"_s : u"address-%1"_s.arg(share.source + 1);
}

Result<int> shareSourceFromString(QStringView text)
{
    if (text == u"standby")
        return standbyShare;
    bool isNumber = false;
    const int place = text.startsWith(u"address-") ? text.mid(8).toInt(&isNumber) : 0;
    if (isNumber && place >= 1 && place <= static_cast<int>(mostRelayAddresses) && text.mid(8).size() == 1)
        return place - 1;
    return fail(ErrorCategory::InvalidInput,
                {u"Nguồn tiếp sóng phải là address-1 đến address-%1 hoặc standby."_s.arg(mostRelayAddresses),
                 u"A relay's source is address-1 to address-%1 or standby."_s.arg(mostRelayAddresses)},
                text.left(40).toString());
}

QString sharesToText(const std::vector<RelayShare>& shares)
{
    QStringList words;
    for (const RelayShare& share : shares)
        words.append(u"%1=%2"_s.arg(toString(share)).arg(share.frames.value));
    return words.join(u' ');
}

Result<std::vector<RelayShare>> sharesFromText(QStringView text)
{
    std::vector<RelayShare> shares;
    for (const QStringView word : text.split(u' ', Qt::SkipEmptyParts)) {
        const qsizetype equals = word.indexOf(u'=');
        const auto source = shareSourceFromString(word.left(std::max<qsizetype>(equals, 0)));
        if (!source)
            return passOn(source);
        bool isNumber = false;
        const qint64 frames = word.mid(equals + 1).toLongLong(&isNumber);
        const bool isAgain = std::ranges::find(shares, *source, &RelayShare::source) != shares.end();
        if (!isNumber || frames <= 0 || isAgain)
            return fail(ErrorCategory::InvalidInput,
                        {u"Phần của nguồn tiếp sóng không hợp lệ."_s, u"A share of a relay is not valid."_s},
                        text.left(100).toString());
        shares.push_back({*source, {frames}});
    }
    return shares;
}

} // namespace loa
