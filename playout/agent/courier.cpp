#include "playout/agent/courier.h"

#include "playout/agent/log.h"
#include "scheduler/contract/station_condition.h"

#include <QJsonArray>

#include <algorithm>
#include <utility>

namespace loa::playout {
namespace {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

constexpr auto claimedPause = 1s;
constexpr int mostRounds = 100'000; // of requests answered at once, so that a broken link cannot hold the agent

// Of an error its category alone: its words may hold an address or a password.
StationCondition conditionOf(const StationHealth& health, std::int64_t mediaMissing)
{
    StationCondition condition;
    condition.station = health.station;
    condition.playing = health.player == PlayerState::Playing;
    condition.silent = health.silence.now;
    condition.mediaMissing = mediaMissing;
    for (const OutputHealth& output : health.outputs) {
        if (std::ssize(condition.outputs) == mostOutputs)
            break;
        condition.outputs.push_back({.name = output.name.left(64),
                                     .open = output.open,
                                     .failures = output.failures,
                                     .failure = output.lastError ? toString(output.lastError->category) : QString(),
                                     .starts = output.starts,
                                     .startErrorP50 = output.startErrorP50,
                                     .startErrorP99 = output.startErrorP99,
                                     .lost = std::chrono::milliseconds(output.lost.value * 1000 / sampleRate)});
    }
    return condition;
}

} // namespace

Courier::Courier(const AgentSettings& settings, const AgentParts& parts, Notebook& notebook, CommandDesk& commands,
                 Hooks hooks)
    : m_settings(settings), m_parts(parts), m_notebook(notebook), m_commands(commands), m_hooks(std::move(hooks)),
      m_answers(settings.longestPause, seedOf(u"answers"_s)), m_media(settings.longestPause, seedOf(u"media"_s)),
      m_entries({settings.upload, settings.uploadBatch, settings.longestPause, seedOf(u"entries"_s)}, parts.clock,
                parts.link, notebook.journal(),
                [this](const QString& subject, const QString& reason, const QString& detail) {
                    m_notebook.eventOnChange(subject, {}, reason, detail);
                }),
      m_status(settings.longestPause, seedOf(u"status"_s))
{
    for (const AgentStation& station : settings.stations) {
        m_bundles.emplace(station.id, Errand(settings.longestPause, seedOf(station.id.value)));
        m_sheets.emplace(station.id, Errand(settings.longestPause, seedOf(u"sheet/"_s + station.id.value)));
        m_stations.push_back(station.id);
    }
}

std::uint64_t Courier::seedOf(const QString& name) const
{
    const Sha256 hash = sha256((m_settings.id.value + u'/' + name).toUtf8());
    std::uint64_t seed = 0;
    for (std::size_t i = 0; i < 8; ++i)
        seed = seed << 8 | hash.bytes[i];
    return seed;
}

void Courier::step()
{
    for (int round = 0; round < mostRounds; ++round) {
        const std::vector<LinkReply> replies = m_parts.link.takeReplies();
        for (const LinkReply& reply : replies)
            std::visit([this](const auto& one) { handle(one); }, reply);
        if (round > 0 && replies.empty())
            return;
        sendSheetRequests();
        sendAnswers();
        sendBundleRequests();
        sendMediaRequest();
        m_entries.send();
        sendStatus();
    }
}

std::chrono::nanoseconds Courier::nextDue() const
{
    Monotonic next = m_parts.clock.monotonic() + 1h;
    auto consider = [&](const Errand& errand) {
        if (!errand.underWay)
            next = std::min(next, errand.due);
    };
    for (const auto& [station, errand] : m_bundles)
        consider(errand);
    for (const auto& [station, errand] : m_sheets)
        consider(errand);
    if (!m_commands.unsent().empty())
        consider(m_answers);
    if (m_mediaDirty)
        consider(m_media);
    for (const auto& [hash, errand] : m_troubledMedia)
        next = std::min(next, std::max(errand.due, m_media.due));
    if (const auto due = m_entries.nextDue())
        next = std::min(next, *due);
    consider(m_status);
    return next;
}

void Courier::sendBundleRequests()
{
    for (auto& [station, errand] : m_bundles) {
        if (errand.underWay || errand.due > m_parts.clock.monotonic())
            continue;
        errand.underWay = true;
        m_parts.link.fetchBundle(station, m_parts.cache.version(station));
    }
}

void Courier::handle(const BundleAnnounced& announced)
{
    const auto found = m_bundles.find(announced.station);
    if (found == m_bundles.end() || announced.version <= m_parts.cache.version(announced.station))
        return;
    found->second.due = m_parts.clock.monotonic();
    found->second.again = found->second.underWay;
}

void Courier::fetchBundle(const StationId& station)
{
    const auto found = m_bundles.find(station);
    if (found == m_bundles.end())
        return;
    found->second.due = m_parts.clock.monotonic();
    found->second.again = found->second.underWay;
}

void Courier::sendSheetRequests()
{
    for (auto& [station, errand] : m_sheets) {
        if (m_commands.takeSheetWish(station)) {
            errand.due = m_parts.clock.monotonic();
            errand.again = errand.underWay;
        }
        if (errand.underWay || errand.due > m_parts.clock.monotonic())
            continue;
        errand.underWay = true;
        m_parts.link.fetchSheet(station);
    }
}

void Courier::handle(const SheetReply& reply)
{
    const auto found = m_sheets.find(reply.station);
    if (found == m_sheets.end())
        return;
    if (reply.sealed)
        m_commands.read(reply.station, {*reply.sealed, reply.challenge, reply.askedAt});
    else
        qCWarning(agentLog).noquote().nospace()
            << "no-commands station=" << reply.station.value << " " << describe(reply.sealed.error());
    finish(found->second, reply.sealed.has_value(), m_settings.poll);
}

void Courier::handle(const CommandPushed& pushed)
{
    m_commands.pushed(pushed.station, pushed.sealed);
}

void Courier::handle(const EventsClosed& closed)
{
    const QString why = describe(closed.why);
    if (std::exchange(m_closedBecause, why) != why)
        qCWarning(agentLog).noquote().nospace() << "events-closed " << why;
}

void Courier::handle(const EventsOpened&)
{
    if (!std::exchange(m_closedBecause, QString()).isEmpty())
        qCInfo(agentLog) << "events-open";
    for (auto& [station, errand] : m_bundles)
        errand.hurry(m_parts.clock.monotonic());
    for (Errand* errand : {&m_answers, &m_media, &m_status})
        errand->hurry(m_parts.clock.monotonic());
    m_entries.hurry();
    for (auto& [station, errand] : m_sheets) {
        errand.due = m_parts.clock.monotonic();
        errand.again = errand.underWay;
    }
}

void Courier::sendAnswers()
{
    if (m_answers.underWay || m_answers.due > m_parts.clock.monotonic())
        return;
    std::vector<Acknowledgement> answers = m_commands.unsent();
    if (answers.empty())
        return;
    m_answers.underWay = true;
    m_parts.link.sendAnswers(answers);
}

void Courier::handle(const AnswersReply& reply)
{
    if (reply.accepted)
        m_commands.sent(reply.answers);
    else
        qCWarning(agentLog).noquote().nospace() << "answers-not-sent " << describe(reply.accepted.error());
    finish(m_answers, reply.accepted.has_value(), 0s);
}

void Courier::handle(const BundleReply& reply)
{
    const auto found = m_bundles.find(reply.station);
    if (found == m_bundles.end())
        return;
    Errand& errand = found->second;
    if (!reply.sealed || reply.sealed->isEmpty() || m_notebook.isBehind()) {
        finish(errand, reply.sealed.has_value() && !m_notebook.isBehind(), m_settings.poll);
        if (!reply.sealed)
            qCWarning(agentLog).noquote().nospace()
                << "no-bundle station=" << reply.station.value << " " << describe(reply.sealed.error());
        return;
    }
    m_hooks.beforeSwitch(reply.station);
    const auto bundle = m_parts.cache.accept(reply.station, *reply.sealed);
    const QString subject = u"bundle:"_s + reply.station.value;
    if (!bundle) {
        const bool disk = bundle.error().category == ErrorCategory::Storage;
        const QString said = describe(bundle.error());
        // The same refusal comes with every poll; its words tell whether it is the same.
        if (!disk)
            m_notebook.eventOnChange(subject + u'/' + said, reply.station, u"bundle-refused"_s, said);
        else
            m_notebook.eventOnChange(u"disk"_s, reply.station, u"disk-failed"_s, said);
        finish(errand, false, m_settings.poll);
        return;
    }
    m_notebook.assume(u"disk"_s, {});
    m_notebook.event(reply.station, u"bundle-accepted"_s,
                     u"version %1, %2 sessions until %3"_s.arg((*bundle)->version)
                         .arg((*bundle)->sessions.size())
                         .arg(loa::toString((*bundle)->validUntil)));
    m_hooks.afterSwitch(reply.station);
    if (auto cleaned = m_parts.cache.clean(); !cleaned)
        qCWarning(agentLog).noquote().nospace() << "cache-not-cleaned " << describe(cleaned.error());
    m_mediaDirty = true;
    m_status.due = m_parts.clock.monotonic();
    m_status.again = m_status.underWay; // the one under way tells of the old bundle
    finish(errand, true, m_settings.poll);
}

void Courier::sendMediaRequest()
{
    const Monotonic now = m_parts.clock.monotonic();
    const bool retry = std::any_of(m_troubledMedia.begin(), m_troubledMedia.end(),
                                   [&](const auto& entry) { return entry.second.due <= now; });
    if (m_media.underWay || m_media.due > now || !(m_mediaDirty || retry))
        return;
    const auto missing = m_parts.cache.missing(m_parts.clock.now(), m_stations);
    m_mediaMissing = static_cast<std::int64_t>(missing.size());
    std::erase_if(m_troubledMedia, [&](const auto& entry) {
        return std::none_of(missing.begin(), missing.end(),
                            [&](const MissingMedia& media) { return media.sha256 == entry.first; });
    });
    bool waits = false;
    for (const MissingMedia& media : missing) {
        const auto trouble = m_troubledMedia.find(media.sha256);
        if (trouble != m_troubledMedia.end() && trouble->second.due > now)
            continue;
        if (!m_parts.cache.claim(media.sha256, m_settings.id)) {
            waits = true; // another station fetches it, or gives it up
            continue;
        }
        m_media.underWay = true;
        if (media.have >= media.bytes) // whole, but not yet in its place
            handle(MediaReply{media.sha256, MediaPart{media.have, {}}});
        else
            m_parts.link.fetchMedia(media.sha256, media.have, std::min(m_settings.mediaPart, media.bytes - media.have));
        return;
    }
    m_mediaDirty = waits;
    if (waits)
        m_media.due = now + claimedPause;
}

void Courier::handle(const MediaReply& reply)
{
    m_parts.cache.release(m_settings.id);
    auto trouble = [&](const Error& error) {
        auto [entry, isNew] =
            m_troubledMedia.try_emplace(reply.sha256, m_settings.longestPause, seedOf(toString(reply.sha256)));
        finish(entry->second, false, 0s);
        finish(m_media, true, 0s);
        m_mediaDirty = true;
        qCWarning(agentLog).noquote().nospace()
            << "no-media sha256=" << toString(reply.sha256) << " " << describe(error);
        return isNew;
    };
    if (!reply.part) {
        const ErrorCategory category = reply.part.error().category;
        if (category == ErrorCategory::NotFound || category == ErrorCategory::LimitExceeded) {
            trouble(reply.part.error());
        } else {
            finish(m_media, false, 0s);
            m_mediaDirty = true;
        }
        return;
    }
    const auto whole = m_parts.cache.addMedia(reply.sha256, reply.part->offset, reply.part->bytes);
    if (!whole) {
        const Error& error = whole.error();
        if (error.category == ErrorCategory::Storage || error.category == ErrorCategory::LimitExceeded) {
            m_notebook.eventOnChange(u"disk"_s, {}, u"disk-failed"_s, describe(error));
            finish(m_media, false, 0s);
            m_mediaDirty = true;
        } else if (trouble(error) && error.category == ErrorCategory::InvalidInput) {
            m_notebook.event({}, u"media-refused"_s, describe(error));
        }
        return;
    }
    m_notebook.assume(u"disk"_s, {});
    if (*whole) {
        m_troubledMedia.erase(reply.sha256);
        qCInfo(agentLog).noquote().nospace() << "media sha256=" << toString(reply.sha256);
    }
    m_mediaDirty = true;
    finish(m_media, true, 0s);
}

void Courier::handle(const EntriesReply& reply)
{
    m_entries.handle(reply);
}

void Courier::sendStatus()
{
    if (m_status.underWay || m_status.due > m_parts.clock.monotonic())
        return;
    m_status.underWay = true;
    QJsonArray bundles;
    for (const auto& [station, errand] : m_bundles)
        bundles.append(
            QJsonObject{{u"station_id"_s, station.value}, {u"version"_s, qint64{m_parts.cache.version(station)}}});
    const JournalStanding standing = m_notebook.journal().standing();
    QJsonArray stations;
    for (const StationHealth& station : m_hooks.stations())
        stations.append(toJson(conditionOf(station, m_mediaMissing)));
    m_parts.link.sendStatus({{u"software"_s, m_settings.software},
                             {u"clock_state"_s, toString(m_notebook.clockState())},
                             {u"journal_backlog"_s, qint64{standing.lastSequence - standing.acknowledged}},
                             {u"bundles"_s, bundles},
                             {u"stations"_s, stations}});
}

void Courier::handle(const StatusReply& reply)
{
    finish(m_status, reply.accepted.has_value(), m_settings.status);
    noteIdentity(reply.accepted);
}

void Courier::noteIdentity(const Result<void>& accepted)
{
    if (!accepted && accepted.error().category != ErrorCategory::Unauthorized)
        return; // it was not asked
    if (std::exchange(m_isRefused, !accepted) == !accepted)
        return;
    m_notebook.event({}, accepted ? u"identity-accepted"_s : u"identity-refused"_s,
                     accepted ? QString() : describe(accepted.error()));
}

} // namespace loa::playout
