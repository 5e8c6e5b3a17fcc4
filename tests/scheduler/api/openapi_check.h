// openapi.yaml as a judge: whether an answer is of the form described there. Objects are held to be closed: a member
// that is not described is a mistake too.
#pragma once

#include "scheduler/api/http/message.h"

#include <QString>
#include <QStringList>

#include <memory>
#include <set>

namespace loa::test {

class OpenApi {
public:
    // Reads the text that the program serves.
    OpenApi();
    ~OpenApi();

    // "GET /items/{id}", …
    [[nodiscard]] std::set<QString> operations() const;
    // What is wrong with the answer of the operation; empty when nothing is.
    [[nodiscard]] QStringList mistakesOf(const QString& operation, const api::Response& response) const;
    // Every "$ref" that leads nowhere.
    [[nodiscard]] QStringList danglingReferences() const;

private:
    struct Private;
    std::unique_ptr<Private> m_d;
};

} // namespace loa::test
