// loa-scheduler: see scheduler/commands.
#include "scheduler/commands/command.h"

#include <QCoreApplication>

int main(int argc, char* argv[])
{
    QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("loa-scheduler"));
    return loa::commands::runProgram(QCoreApplication::arguments().mid(1));
}
