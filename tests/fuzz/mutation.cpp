#include "tests/fuzz/mutation.h"

#include <QJsonArray>

#include <algorithm>
#include <limits>

namespace loa::test {

namespace {

// What readers of numbers, texts and dates have stumbled over.
const std::vector<QByteArray>& awkwardWords()
{
    static const std::vector<QByteArray> words{"0",
                                               "-1",
                                               "9223372036854775807",
                                               "-9223372036854775808",
                                               "18446744073709551616",
                                               "1e400",
                                               "NaN",
                                               "0x7f",
                                               "\xff\xfe",
                                               "\xed\xa0\x80",
                                               QByteArray("\0", 1),
                                               "\r\n",
                                               "\"",
                                               "\\u0000",
                                               "'",
                                               "=",
                                               "[",
                                               "{",
                                               "}",
                                               ",",
                                               ";",
                                               ":",
                                               "%n%s",
                                               "../../etc/passwd",
                                               "9999-12-31T23:59:60Z",
                                               "0000-00-00",
                                               "\xe2\x80\xae",
                                               QByteArray(3000, 'A'),
                                               QByteArray(600, '['),
                                               QByteArray(300, '\n')};
    return words;
}

template <typename T>
const T& oneOf(const std::vector<T>& all, Dice& dice)
{
    return all[static_cast<std::size_t>(dice.upTo(static_cast<int>(all.size()) - 1))];
}

qsizetype placeIn(const QByteArray& bytes, Dice& dice)
{
    return dice.upTo(static_cast<int>(bytes.size()));
}

QByteArray pieceOf(const QByteArray& bytes, Dice& dice)
{
    return bytes.mid(placeIn(bytes, dice), dice.between(1, 200));
}

void change(QByteArray& bytes, const std::vector<QByteArray>& samples, const std::vector<QByteArray>& words, Dice& dice)
{
    const qsizetype at = placeIn(bytes, dice);
    switch (dice.upTo(8)) {
    case 0:
        if (at < bytes.size())
            bytes[at] = static_cast<char>(bytes[at] ^ 1 << dice.upTo(7));
        break;
    case 1:
        if (at < bytes.size())
            bytes[at] = static_cast<char>(dice.upTo(255));
        break;
    case 2:
        bytes.remove(at, dice.between(1, 30));
        break;
    case 3:
        bytes.truncate(at);
        break;
    case 4:
        bytes.insert(at, pieceOf(bytes, dice));
        break;
    case 5:
        bytes.insert(at, pieceOf(oneOf(samples, dice), dice));
        break;
    case 6:
        bytes.insert(at, oneOf(awkwardWords(), dice));
        break;
    case 7:
        bytes.replace(at, dice.between(1, 12), oneOf(awkwardWords(), dice));
        break;
    default:
        if (!words.empty())
            bytes.replace(at, dice.upTo(12), oneOf(words, dice));
        break;
    }
}

QJsonValue awkwardValue(Dice& dice)
{
    switch (dice.upTo(11)) {
    case 0:
        return QJsonValue::Null;
    case 1:
        return dice.oneIn(2);
    case 2:
        return 0;
    case 3:
        return -1;
    case 4:
        return std::numeric_limits<qint64>::max();
    case 5:
        return std::numeric_limits<qint64>::min();
    case 6:
        return 1e300;
    case 7:
        return 0.5;
    case 8:
        return QJsonArray{};
    case 9:
        return QJsonObject{};
    case 10:
        return QString::fromUtf8(oneOf(awkwardWords(), dice));
    default:
        return QString(dice.between(1, 5000), QChar(dice.between(1, 0xffff)));
    }
}

QJsonValue changed(const QJsonValue& value, Dice& dice);

QJsonObject changed(QJsonObject object, Dice& dice)
{
    const QStringList names = object.keys();
    if (names.empty() || dice.oneIn(8)) {
        object.insert(dice.oneIn(2) ? QStringLiteral("strange") : QString(), awkwardValue(dice));
        return object;
    }
    const QString& name = names[dice.upTo(static_cast<int>(names.size()) - 1)];
    const QString& other = names[dice.upTo(static_cast<int>(names.size()) - 1)];
    if (dice.oneIn(10))
        object.remove(name);
    else if (dice.oneIn(10))
        object.insert(name, object.value(other));
    else
        object.insert(name, changed(object.value(name), dice));
    return object;
}

QJsonArray changed(QJsonArray array, Dice& dice)
{
    const int at = dice.upTo(std::max(static_cast<int>(array.size()) - 1, 0));
    if (array.empty() || dice.oneIn(8))
        array.insert(at, awkwardValue(dice));
    else if (dice.oneIn(6))
        array.removeAt(at);
    else if (dice.oneIn(6))
        array.insert(at, array.at(at));
    else if (dice.oneIn(6)) { // in another order
        const QJsonValue moved = array.takeAt(at);
        array.insert(dice.upTo(static_cast<int>(array.size())), moved);
    } else
        array.replace(at, changed(array.at(at), dice));
    return array;
}

QJsonValue changed(const QJsonValue& value, Dice& dice)
{
    if (value.isObject() && !dice.oneIn(10))
        return changed(value.toObject(), dice);
    if (value.isArray() && !dice.oneIn(10))
        return changed(value.toArray(), dice);
    if (value.isDouble() && !dice.oneIn(3))
        return value.toInteger() + dice.between(-2, 2) * (dice.oneIn(2) ? 1 : 1'000'000'000);
    if (value.isString() && !dice.oneIn(3)) {
        QByteArray text = value.toString().toUtf8();
        change(text, {text}, {}, dice);
        return QString::fromUtf8(text);
    }
    return awkwardValue(dice);
}

} // namespace

QByteArray mutated(const std::vector<QByteArray>& samples, const std::vector<QByteArray>& words, Dice& dice)
{
    QByteArray bytes = oneOf(samples, dice);
    for (int changes = dice.between(1, 8); changes > 0; --changes)
        change(bytes, samples, words, dice);
    return bytes;
}

QJsonObject mutated(const QJsonObject& sample, Dice& dice)
{
    QJsonObject object = sample;
    for (int changes = dice.between(1, 4); changes > 0; --changes)
        object = changed(std::move(object), dice);
    return object;
}

} // namespace loa::test
