// Commands (lệnh): what a named person orders one station to do now, signed by the scheduler, and what the agent
// answers. Unlike a bundle, a command is about the moment: it is valid for minutes, obeyed once, and answered.
//
// Forms on the wire, see PROTOCOL.md: a command is sealed (sealed.h) under "loa-command/1"; a sheet, under
// "loa-command-sheet/1", lists the commands that wait for a station and proves the scheduler's time by repeating the
// challenge that the agent has just made. Promises 1 (a command to play carries the approval of the exact audio) and 10
// (signature, station, a sequence that rises). Values, any thread.
#pragma once

#include "scheduler/contract/bundle.h"

#include <chrono>
#include <optional>
#include <variant>
#include <vector>

namespace loa {

inline constexpr std::chrono::hours longestCommandValidity{24}; // from issue
inline constexpr std::chrono::days longestCommandEffect{7};     // of a stop or a volume, from issue
inline constexpr FrameCount longestTone{30 * sampleRate};
inline constexpr FrameCount longestSpeech{3600 * sampleRate};
inline constexpr qsizetype maxCommandBytes = 16 * 1024;
inline constexpr qsizetype maxSheetBytes = 512 * 1024;
inline constexpr qsizetype mostCommandsOnSheet = 20;

// Play this now. The audio may be one that the bundle does not hold: it is fetched by its hash.
struct PlayOrder {
    BundleMedia media;
    Priority priority = Priority::Emergency;
    bool operator==(const PlayOrder&) const = default;
};
// What sounds falls silent, and of what is planned or was ordered before, nothing that would begin before `until`.
struct StopOrder {
    std::optional<AiringId> airing; // that one alone; absent: everything
    UtcTime until;                  // absent airing: silence until then
    bool operator==(const StopOrder&) const = default;
};
// In place of the station's own volume; caps of its configuration hold all the same.
struct VolumeOrder {
    int decibels = 0; // -60 … +12, 0: as approved
    UtcTime until;
    bool operator==(const VolumeOrder&) const = default;
};
// 1 kHz, so that somebody at the loudspeaker hears that it works. Inside the hours of the policy.
struct ToneOrder {
    int level = -20; // dBFS of the sine's peak, -60 … -6
    FrameCount frames;
    bool operator==(const ToneOrder&) const = default;
};
// The person who orders it speaks, live: what comes of the stream from then on. Who speaks has approved it by speaking.
struct SpeechOrder {
    OrderId stream; // see speech.h
    Priority priority = Priority::Emergency;
    FrameCount longest; // it ends by then
    bool operator==(const SpeechOrder&) const = default;
};
// Ask for the bundle now.
struct RefreshOrder {
    bool operator==(const RefreshOrder&) const = default;
};
using CommandOrder = std::variant<PlayOrder, StopOrder, VolumeOrder, ToneOrder, RefreshOrder, SpeechOrder>;
[[nodiscard]] QString kindOf(const CommandOrder& order); // "play", "stop", "volume", "tone", "refresh", "speech"

struct Command {
    CommandId id;
    StationId station;
    std::int64_t sequence = 0; // from 1, rises by every command of the station
    UtcTime issuedAt;
    UtcTime validUntil; // not obeyed from then on; a play that has begun goes on
    UserId issuedBy;    // the person who orders it
    QString issuedByName;
    CommandOrder order;
    bool operator==(const Command&) const = default;
};

// The names under which the log tells of what a command lets sound.
[[nodiscard]] SessionId sessionOf(const CommandId& command);
[[nodiscard]] AiringId airingOf(const Command& command);
// The test tone stands for itself: its definition is what the person consents to, and has this hash.
[[nodiscard]] Sha256 toneHash(const ToneOrder& tone);
[[nodiscard]] ItemId toneItem();
// Live speech has no hash before it is spoken: this one binds it to the order and to the person who speaks.
[[nodiscard]] Sha256 speechHash(const SpeechOrder& speech, const UserId& speaker);
[[nodiscard]] ItemId speechItem();

// Where a command contradicts itself or goes over a limit.
[[nodiscard]] Result<void> checkCommand(const Command& command);
// Error: InvalidInput when checkCommand() fails.
[[nodiscard]] Result<QByteArray> sealCommand(const Command& command, const SigningKey& key);
// Errors: Unauthorized (signature), InvalidInput (form, contradiction, with where), LimitExceeded (size).
[[nodiscard]] Result<Command> openCommand(QByteArrayView sealed, const VerifyKey& scheduler);

struct CommandSheet {
    StationId station;
    QByteArray challenge;             // as the agent made it
    UtcTime now;                      // the scheduler's time
    std::vector<QByteArray> commands; // sealed, by sequence
    bool operator==(const CommandSheet&) const = default;
};
[[nodiscard]] Result<QByteArray> sealSheet(const CommandSheet& sheet, const SigningKey& key);
// Its commands are not opened. Errors as for openCommand().
[[nodiscard]] Result<CommandSheet> openSheet(QByteArrayView sealed, const VerifyKey& scheduler);

// How far the agent has come with a command. Later ones follow earlier ones; Refused and Done are the last.
enum class CommandState { Accepted, Playing, Done, Refused };
[[nodiscard]] QString toString(CommandState state); // "accepted", "playing", "done", "refused"
[[nodiscard]] Result<CommandState> commandStateFromString(QStringView text);
[[nodiscard]] constexpr bool isFinal(CommandState state)
{
    return state == CommandState::Done || state == CommandState::Refused;
}

// What was done, or why not. The agent's signed request carries it.
struct Acknowledgement {
    CommandId command;
    CommandState state = CommandState::Accepted;
    UtcTime at;     // by the agent's clock
    QString reason; // a word of the log: "", "complete", "pre-empted", "expired", "outside-hours", …
    QString detail; // for people
    bool operator==(const Acknowledgement&) const = default;
};
[[nodiscard]] QJsonObject toJson(const Acknowledgement& acknowledgement);
[[nodiscard]] Result<Acknowledgement> acknowledgementFromJson(const QJsonObject& object, const QString& path);

} // namespace loa
