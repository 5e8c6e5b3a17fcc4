#include "playout/agent/command_book.h"

#include "scheduler/contract/json_reader.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <algorithm>

namespace loa::playout {

using namespace Qt::StringLiterals;

namespace {

constexpr std::size_t mostKept = 64;
constexpr std::int64_t largestKept = std::int64_t{1} << 53;

} // namespace

Result<void> CommandBook::load()
{
    const auto bytes = m_cache->book(m_station);
    if (!bytes && bytes.error().category == ErrorCategory::NotFound)
        return {};
    const Result<void> good = bytes ? read(*bytes) : Result<void>(passOn(bytes));
    if (good)
        return {};
    m_sequence = 0;
    m_taken.clear();
    m_notBefore.reset();
    m_isDamaged = true;
    return good;
}

Result<void> CommandBook::read(const QByteArray& bytes)
{
    const QJsonDocument document = QJsonDocument::fromJson(bytes);
    JsonReader reader(document.object());
    m_sequence = reader.integer("sequence"_L1, 0, largestKept);
    m_notBefore = reader.optionalInstant("not_before"_L1);
    const QJsonArray array = reader.array("taken"_L1, 10'000);
    for (qsizetype index = 0; index < array.size() && !reader.failed(); ++index) {
        const QString path = u"/taken/%1"_s.arg(index);
        JsonReader entry(array.at(index).toObject(), path);
        TakenCommand taken;
        taken.sealed = entry.text("sealed"_L1, maxCommandBytes).toUtf8();
        taken.isSent = entry.boolean("sent"_L1);
        auto answer = acknowledgementFromJson(entry.object("answer"_L1), path + u"/answer"_s);
        if (answer)
            taken.answer = *std::move(answer);
        else
            entry.reject(answer.error());
        auto command = openCommand(taken.sealed, m_cache->scheduler());
        if (command)
            taken.command = *std::move(command);
        else
            entry.reject(command.error());
        if (auto read = entry.finish(); !read)
            reader.reject(read.error());
        m_taken.push_back(std::move(taken));
    }
    return reader.finish();
}

Result<void> CommandBook::keep()
{
    QJsonArray array;
    for (const TakenCommand& taken : m_taken)
        array.append(QJsonObject{{u"sealed"_s, QString::fromUtf8(taken.sealed)},
                                 {u"answer"_s, toJson(taken.answer)},
                                 {u"sent"_s, taken.isSent}});
    QJsonObject object{{u"sequence"_s, qint64{m_sequence}}, {u"taken"_s, array}};
    object.insert(u"not_before"_s, m_notBefore ? QJsonValue(loa::toString(*m_notBefore)) : QJsonValue());
    return m_cache->keepBook(m_station, QJsonDocument(object).toJson(QJsonDocument::Compact));
}

void CommandBook::mend(UtcTime from)
{
    m_notBefore = from;
    m_isDamaged = false;
}

TakenCommand* CommandBook::find(const CommandId& command)
{
    const auto found = std::find_if(m_taken.begin(), m_taken.end(),
                                    [&](const TakenCommand& one) { return one.command.id == command; });
    return found == m_taken.end() ? nullptr : &*found;
}

TakenCommand& CommandBook::take(TakenCommand command)
{
    m_sequence = std::max(m_sequence, command.command.sequence);
    while (m_taken.size() >= mostKept) {
        const auto over = std::find_if(m_taken.begin(), m_taken.end(),
                                       [](const TakenCommand& one) { return isFinal(one.answer.state) && one.isSent; });
        if (over == m_taken.end())
            break;
        m_taken.erase(over);
    }
    m_taken.push_back(std::move(command));
    return m_taken.back();
}

} // namespace loa::playout
