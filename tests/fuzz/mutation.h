// Valid samples made wrong, as a hostile or a broken sender would: any byte changed, lost, doubled or grafted; in JSON
// any value put in place of any other. The same dice throw the same.
#pragma once

#include "tests/support/dice.h"

#include <QByteArray>
#include <QJsonObject>

#include <vector>

namespace loa::test {

// One to eight changes. What is grafted comes from the samples and from `words`, which mean something to the reader.
[[nodiscard]] QByteArray mutated(const std::vector<QByteArray>& samples, const std::vector<QByteArray>& words,
                                 Dice& dice);

// One to four values, at any depth, changed, dropped, doubled or put elsewhere; still JSON.
[[nodiscard]] QJsonObject mutated(const QJsonObject& sample, Dice& dice);

} // namespace loa::test
