#include "playout/agent/command_desk.h"

#include "playout/agent/log.h"

#include <algorithm>

namespace loa::playout {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr auto aheadTolerance = 60s; // a scheduler's clock may be a little ahead of ours
constexpr auto tryAgainIn = 1s;
constexpr auto listenAgainIn = 200ms; // whether the speaker has ended
constexpr auto entryPatience = 3s;
constexpr char16_t speakerEnded[] = u"live-ended"; // the log's word
constexpr std::size_t mostLoose = 64;

bool isPlay(const CommandOrder& order)
{
    return std::holds_alternative<PlayOrder>(order) || std::holds_alternative<ToneOrder>(order) ||
           std::holds_alternative<SpeechOrder>(order);
}

bool isBoundByHours(const CommandOrder& order)
{
    const auto* play = std::get_if<PlayOrder>(&order);
    const auto* speech = std::get_if<SpeechOrder>(&order);
    return std::holds_alternative<ToneOrder>(order) || (speech && speech->priority != Priority::Emergency) ||
           (play && play->priority != Priority::Emergency);
}

LiveEvent eventOf(const AiringId& airing, const PlayOrder& play)
{
    LiveEvent event;
    event.airing = airing;
    event.item = play.media.item;
    event.sha256 = play.media.sha256;
    event.frames = play.media.frames;
    event.priority = play.priority;
    return event;
}

QString nameOf(const Command& command)
{
    return u"%1 %2, sequence %3, ordered by %4"_s.arg(kindOf(command.order), command.id.value)
        .arg(command.sequence)
        .arg(command.issuedByName);
}

} // namespace

void CommandDesk::serve(StationDesk& desk)
{
    const StationId id = desk.station();
    m_stations.emplace(id, Station{&desk, CommandBook(id, m_cache)});
    desk.setTold([this, id](const AiringId& airing, const AiringEnd* end) { told(id, airing, end); });
}

void CommandDesk::load()
{
    for (auto& [id, station] : m_stations) {
        if (auto loaded = station.book.load(); !loaded)
            m_notebook.event(id, u"commands-damaged"_s, describe(loaded.error()));
        m_wishes.insert(id);
        orderMedia(station);
        const auto now = timeFor(station);
        if (!now)
            continue;
        for (const TakenCommand& taken : station.book.taken()) {
            if (taken.answer.state != CommandState::Done)
                continue;
            if (const auto* volume = std::get_if<VolumeOrder>(&taken.command.order); volume && volume->until > *now)
                setVolume(station, *volume);
            if (const auto* stop = std::get_if<StopOrder>(&taken.command.order);
                stop && !stop->airing && stop->until > *now)
                static_cast<void>(station.desk->silence(inAgentTime(station, stop->until)));
        }
    }
}

std::optional<UtcTime> CommandDesk::timeFor(const Station& station) const
{
    if (isTrusted())
        return m_clock.now();
    if (!station.proven)
        return std::nullopt;
    return station.proven->first + std::chrono::ceil<Duration>(m_clock.monotonic() - station.proven->second);
}

// An instant of the scheduler's, as the agent's own clock will show it.
UtcTime CommandDesk::inAgentTime(const Station& station, UtcTime then) const
{
    return m_clock.now() + (then - timeFor(station).value_or(m_clock.now()));
}

void CommandDesk::pushed(const StationId& station, const QByteArray& sealed)
{
    const auto found = m_stations.find(station);
    if (found == m_stations.end())
        return;
    if (isTrusted())
        judge(found->second, sealed, true);
    else
        m_wishes.insert(station); // only a sheet can tell whether it is valid
}

void CommandDesk::read(const StationId& id, const SheetAnswer& answer)
{
    const auto found = m_stations.find(id);
    if (found == m_stations.end())
        return;
    Station& station = found->second;
    const auto sheet = openSheet(answer.sealed, m_cache.scheduler());
    const QString subject = u"sheet:"_s + id.value;
    if (!sheet || sheet->station != id || sheet->challenge != answer.challenge) {
        const QString said =
            sheet ? u"it answers another question, or is for another station"_s : describe(sheet.error());
        m_notebook.eventOnChange(subject, id, u"command-refused"_s, u"sheet: "_s + said);
        return;
    }
    m_notebook.assume(subject, {});
    station.proven = {sheet->now, answer.askedAt};
    m_hooks.timeHeard(sheet->now, answer.askedAt, m_clock.monotonic());
    for (const QByteArray& sealed : sheet->commands)
        judge(station, sealed, false);
}

void CommandDesk::judge(Station& station, const QByteArray& sealed, bool isPushed)
{
    auto command = openCommand(sealed, m_cache.scheduler());
    const StationId& id = station.book.station();
    if (!command || command->station != id) {
        const QString said = command ? u"it is for station "_s + command->station.value : describe(command.error());
        m_notebook.eventOnChange(u"command:%1/%2"_s.arg(id.value, said), id, u"command-refused"_s, said);
        return;
    }
    const auto now = timeFor(station);
    if (!now)
        return;
    if (station.book.isDamaged())
        station.book.mend(*now);
    if (TakenCommand* known = station.book.find(command->id)) {
        known->isSent = false; // the answer did not arrive
        return;
    }
    // Others that come before it wait on the sheet: in order, or they would be taken for replays.
    if (isPushed && command->sequence > station.book.sequence() + 1) {
        m_wishes.insert(id);
        return;
    }
    if (const QString reason = refusalOf(station, *command, *now); !reason.isEmpty()) {
        refuse(station, *std::move(command), sealed, reason);
        return;
    }
    take(station, *std::move(command), sealed);
}

QString CommandDesk::refusalOf(const Station& station, const Command& command, UtcTime now) const
{
    if (command.sequence <= station.book.sequence() ||
        (station.book.notBefore() && command.issuedAt < *station.book.notBefore()))
        return u"replayed"_s;
    if (now >= command.validUntil)
        return u"expired"_s;
    if (command.issuedAt > now + aheadTolerance)
        return u"issued-later"_s;
    if (!isTrusted() && isBoundByHours(command.order))
        return u"clock-untrusted"_s;
    return {};
}

void CommandDesk::refuse(Station& station, Command command, const QByteArray& sealed, const QString& reason)
{
    // The same one may come with every sheet.
    m_notebook.eventOnChange(u"command:"_s + command.id.value, station.book.station(), u"command-refused"_s,
                             nameOf(command) + u": "_s + reason);
    const Acknowledgement answer{command.id, CommandState::Refused, m_clock.now(), reason, {}};
    if (command.sequence > station.book.sequence()) {
        TakenCommand refused;
        refused.sealed = sealed;
        refused.answer = answer;
        refused.command = std::move(command);
        station.book.take(std::move(refused));
        static_cast<void>(keep(station)); // at worst it is refused again
        return;
    }
    std::erase_if(station.loose, [&](const Acknowledgement& one) { return one.command == answer.command; });
    if (station.loose.size() < mostLoose)
        station.loose.push_back(answer);
}

void CommandDesk::take(Station& station, Command command, const QByteArray& sealed)
{
    TakenCommand taken;
    taken.answer = {command.id, CommandState::Accepted, m_clock.now(), {}, {}};
    taken.sealed = sealed;
    taken.command = std::move(command);
    const CommandBook before = station.book;
    TakenCommand& kept = station.book.take(std::move(taken));
    if (!keep(station)) {
        station.book = before; // it comes again with the next sheet
        return;
    }
    m_notebook.event(station.book.station(), u"command-accepted"_s, nameOf(kept.command));
    obey(station, kept);
}

bool CommandDesk::keep(Station& station)
{
    auto kept = station.book.keep();
    if (!kept && m_notebook.makeRoom())
        kept = station.book.keep();
    if (!kept)
        m_notebook.eventOnChange(u"disk"_s, station.book.station(), u"disk-failed"_s, describe(kept.error()));
    return kept.has_value();
}

void CommandDesk::answer(Station& station, TakenCommand& taken, CommandState state, const QString& reason,
                         const QString& detail)
{
    taken.answer = {taken.command.id, state, m_clock.now(), reason, detail};
    taken.isSent = false;
    static_cast<void>(keep(station)); // at worst the answer before it stands there
    if (!isFinal(state))
        return;
    if (std::holds_alternative<ToneOrder>(taken.command.order))
        m_tones.forget(airingOf(taken.command));
    if (std::holds_alternative<SpeechOrder>(taken.command.order))
        closeSpeech(station, taken);
    orderMedia(station);
    const QString said = reason.isEmpty() ? detail : detail.isEmpty() ? reason : reason + u", "_s + detail;
    m_notebook.event(station.book.station(), state == CommandState::Done ? u"command-done"_s : u"command-refused"_s,
                     said.isEmpty() ? nameOf(taken.command) : nameOf(taken.command) + u": "_s + said);
}

void CommandDesk::obey(Station& station, TakenCommand& taken)
{
    const CommandOrder& order = taken.command.order;
    if (const auto* stopping = std::get_if<StopOrder>(&order)) {
        stop(station, taken, *stopping);
    } else if (const auto* volume = std::get_if<VolumeOrder>(&order)) {
        setVolume(station, *volume);
        answer(station, taken, CommandState::Done, {},
               u"%1 dB until %2"_s.arg(volume->decibels).arg(loa::toString(volume->until)));
    } else if (std::holds_alternative<RefreshOrder>(order)) {
        m_hooks.refresh(station.book.station());
        answer(station, taken, CommandState::Done, {}, {});
    } else {
        orderMedia(station);
        m_hooks.mediaWanted();
    }
}

// In a session of the bundle its entry is closed with the others, perhaps much later; the speaker is told before.
void CommandDesk::endSpeech(Station& station, TakenCommand& taken)
{
    const AiringId airing = airingOf(taken.command);
    static_cast<void>(station.desk->silence(airing, QStringView(speakerEnded).toString()));
    const auto since = m_spokenUntil.try_emplace(airing, m_clock.monotonic()).first->second;
    if (m_clock.monotonic() - since >= entryPatience)
        answer(station, taken, CommandState::Done, {}, u"the speaker has ended"_s);
}

void CommandDesk::closeSpeech(Station& station, const TakenCommand& taken)
{
    m_spokenUntil.erase(airingOf(taken.command));
    if (const auto account = m_speech.close(airingOf(taken.command)))
        m_notebook.event(station.book.station(), u"speech-heard"_s,
                         u"%1, spoken by %2: %3 packets of 20 ms, %4 concealed, SHA-256 %5"_s
                             .arg(taken.command.id.value, taken.command.issuedByName)
                             .arg(account->packets)
                             .arg(account->missing)
                             .arg(toString(account->sha256)));
}

void CommandDesk::stop(Station& station, TakenCommand& taken, const StopOrder& order)
{
    int count = 0;
    // Orders that wait still, for their media say.
    for (TakenCommand& other : station.book.taken()) {
        const bool waits = isPlay(other.command.order) && !isFinal(other.answer.state) && !other.isPlaced;
        if (!waits || (order.airing && *order.airing != airingOf(other.command)))
            continue;
        answer(station, other, CommandState::Done, u"stopped"_s, {});
        ++count;
    }
    if (order.airing)
        count += station.desk->silence(*order.airing) ? 1 : 0;
    else
        count += station.desk->silence(inAgentTime(station, order.until));
    answer(station, taken, CommandState::Done, count == 0 ? u"nothing-to-stop"_s : QString(),
           count == 0 ? QString() : u"%1 stopped"_s.arg(count));
}

void CommandDesk::setVolume(Station& station, const VolumeOrder& order)
{
    station.desk->setVolume(static_cast<double>(order.decibels), inAgentTime(station, order.until));
}

void CommandDesk::step(bool recovered)
{
    for (auto& [id, station] : m_stations) {
        for (TakenCommand& taken : station.book.taken()) {
            if (!isPlay(taken.command.order) || isFinal(taken.answer.state))
                continue;
            if (!taken.isPlaced)
                tryToPlay(station, taken, recovered);
            else if (m_speech.hasEnded(airingOf(taken.command)))
                endSpeech(station, taken);
        }
    }
}

void CommandDesk::tryToPlay(Station& station, TakenCommand& taken, bool recovered)
{
    const auto now = timeFor(station);
    if (!now)
        return;
    const AiringId airing = airingOf(taken.command);
    for (const OutputConfig& output : station.desk->settings().outputs) {
        const auto state = m_notebook.journal().state({airing, output.name});
        if (!state)
            return;
        if (*state == AiringState::None || *state == AiringState::Planned)
            continue;
        // It began in an earlier run, and is not begun again.
        if (!recovered && *state != AiringState::Closed)
            return;
        if (*state != AiringState::Interrupted || !goOn(station, taken, {airing, output.name}))
            answer(station, taken, CommandState::Done, u"interrupted"_s, u"the agent was cut off meanwhile"_s);
        return;
    }
    const auto* play = std::get_if<PlayOrder>(&taken.command.order);
    const bool isHere = !play || m_cache.holds(play->media.sha256);
    if (*now >= taken.command.validUntil) {
        answer(station, taken, CommandState::Refused, isHere ? u"expired"_s : u"media-missing"_s, {});
        return;
    }
    if (!isHere)
        return;
    if (!isTrusted() && isBoundByHours(taken.command.order)) {
        answer(station, taken, CommandState::Refused, u"clock-untrusted"_s, {});
        return;
    }
    LiveEvent event;
    event.airing = airing;
    if (play) {
        if (const auto path = m_cache.verifiedPath(play->media.sha256); !path) {
            m_hooks.mediaWanted();
            if (path.error().category == ErrorCategory::InvalidInput)
                m_notebook.event(station.book.station(), u"media-refused"_s, describe(path.error()));
            return;
        }
        event = eventOf(airing, *play);
    } else if (const auto* speech = std::get_if<SpeechOrder>(&taken.command.order)) {
        m_speech.expect(airing, speech->stream);
        event.item = speechItem();
        event.sha256 = speechHash(*speech, taken.command.issuedBy);
        event.frames = speech->longest;
        event.priority = speech->priority;
        event.isLive = true;
    } else {
        const auto& tone = std::get<ToneOrder>(taken.command.order);
        m_tones.add(airing, tone);
        event.item = toneItem();
        event.sha256 = toneHash(tone);
        event.frames = tone.frames;
        event.priority = Priority::Normal;
    }
    const auto start = station.desk->playNow(event, sessionOf(taken.command.id));
    if (!start) {
        answer(station, taken, CommandState::Refused, start.error().where, describe(start.error()));
        return;
    }
    taken.isPlaced = true;
}

// What is left of a recording that an earlier run of the agent had begun. False: it does not sound any more.
bool CommandDesk::goOn(Station& station, TakenCommand& taken, const AiringKey& key)
{
    const auto* play = std::get_if<PlayOrder>(&taken.command.order);
    const auto begun = m_notebook.journal().planned(key);
    if (!play || !begun || !m_cache.verifiedPath(play->media.sha256))
        return false;
    taken.isPlaced =
        station.desk->joinEvent(eventOf(key.airing, *play), sessionOf(taken.command.id), begun->plannedStart);
    return taken.isPlaced;
}

void CommandDesk::told(const StationId& id, const AiringId& airing, const AiringEnd* end)
{
    const auto found = m_stations.find(id);
    if (found == m_stations.end())
        return;
    Station& station = found->second;
    const auto taken =
        std::find_if(station.book.taken().begin(), station.book.taken().end(), [&](const TakenCommand& one) {
            return one.isPlaced && !isFinal(one.answer.state) && airingOf(one.command) == airing;
        });
    if (taken == station.book.taken().end())
        return;
    if (!end) {
        if (taken->answer.state != CommandState::Playing)
            answer(station, *taken, CommandState::Playing, {}, {});
        return;
    }
    taken->ends.push_back(*end);
    const std::size_t outputs = station.desk->settings().outputs.size();
    if (taken->ends.size() < outputs)
        return;
    const auto whole = std::count_if(taken->ends.begin(), taken->ends.end(),
                                     [](const AiringEnd& one) { return one.outcome == Outcome::Complete; });
    const auto broken = std::find_if(taken->ends.begin(), taken->ends.end(),
                                     [](const AiringEnd& one) { return one.outcome != Outcome::Complete; });
    FrameCount most;
    for (const AiringEnd& one : taken->ends)
        most = std::max(most, one.frames);
    const bool isWell = broken == taken->ends.end() || broken->reason == QStringView(speakerEnded);
    answer(station, *taken, CommandState::Done, isWell ? QString() : broken->reason,
           u"%1 of %2 outputs whole, %3 s"_s.arg(whole).arg(outputs).arg(
               std::chrono::floor<std::chrono::seconds>(toDuration(most)).count()));
}

std::vector<Acknowledgement> CommandDesk::unsent() const
{
    std::vector<Acknowledgement> answers;
    for (const auto& [id, station] : m_stations) {
        for (const TakenCommand& taken : station.book.taken()) {
            if (!taken.isSent)
                answers.push_back(taken.answer);
        }
        answers.insert(answers.end(), station.loose.begin(), station.loose.end());
    }
    return answers;
}

void CommandDesk::sent(const std::vector<Acknowledgement>& answers)
{
    for (auto& [id, station] : m_stations) {
        for (const Acknowledgement& answer : answers) {
            TakenCommand* taken = station.book.find(answer.command);
            if (taken && taken->answer == answer)
                taken->isSent = true; // on disk with the next change: at worst it is sent twice
            std::erase(station.loose, answer);
        }
    }
}

std::optional<std::chrono::nanoseconds> CommandDesk::nextDue() const
{
    for (const auto& [id, station] : m_stations) {
        for (const TakenCommand& taken : station.book.taken()) {
            if (!isPlay(taken.command.order) || isFinal(taken.answer.state))
                continue;
            if (std::holds_alternative<SpeechOrder>(taken.command.order))
                return m_clock.monotonic() + listenAgainIn;
            if (!taken.isPlaced)
                return m_clock.monotonic() + tryAgainIn;
        }
    }
    return std::nullopt;
}

// Media of orders that have not ended: they stay in the cache, and are fetched first.
void CommandDesk::orderMedia(const Station& station)
{
    std::vector<BundleMedia> media;
    for (const TakenCommand& taken : station.book.taken()) {
        const auto* play = std::get_if<PlayOrder>(&taken.command.order);
        if (play && !isFinal(taken.answer.state))
            media.push_back(play->media);
    }
    m_cache.order(station.book.station(), std::move(media));
}

} // namespace loa::playout
