// libpq, loaded when the first store on a server is opened: most commands never want one. As with libcurl
// (transport/late_curl.cpp), this file defines the functions of libpq that we call, and each asks the real library.
#include <libpq-fe.h>

#include "runtime/ports/library.hpp"
#include "runtime/store/late_pq.hpp"

using pvsplan::ports::function_of;

static constexpr const char* pq_library = "libpq.so.5";  // its ABI since 2006

namespace pvsplan::store {

// One function stands for all of them: they come and go with the library.
bool has_pq() { return function_of<decltype(PQconnectdbParams)>(pq_library, "PQconnectdbParams") != nullptr; }

}  // namespace pvsplan::store

// Nobody calls these without has_pq().
// NOLINTBEGIN(cppcoreguidelines-macro-usage, bugprone-macro-parentheses): the same line for each function.
#define PVSPLAN_LATE(result, name, parameters, arguments)                        \
    result name parameters {                                                     \
        static const auto call = function_of<decltype(name)>(pq_library, #name); \
        return call arguments;                                                   \
    }

extern "C" {

PVSPLAN_LATE(PQconninfoOption*, PQconninfoParse, (const char* text, char** error), (text, error))
PVSPLAN_LATE(void, PQconninfoFree, (PQconninfoOption * options), (options))
PVSPLAN_LATE(PGconn*, PQconnectdbParams, (const char* const* keys, const char* const* values, int expand),
             (keys, values, expand))
PVSPLAN_LATE(ConnStatusType, PQstatus, (const PGconn* connection), (connection))
PVSPLAN_LATE(char*, PQerrorMessage, (const PGconn* connection), (connection))
PVSPLAN_LATE(int, PQsocket, (const PGconn* connection), (connection))
PVSPLAN_LATE(int, PQbackendPID, (const PGconn* connection), (connection))
PVSPLAN_LATE(PGnotify*, PQnotifies, (PGconn * connection), (connection))
PVSPLAN_LATE(void, PQfinish, (PGconn * connection), (connection))
PVSPLAN_LATE(int, PQsetnonblocking, (PGconn * connection, int is_nonblocking), (connection, is_nonblocking))
PVSPLAN_LATE(PQnoticeReceiver, PQsetNoticeReceiver, (PGconn * connection, PQnoticeReceiver receiver, void* with),
             (connection, receiver, with))
PVSPLAN_LATE(int, PQsendQueryParams,
             (PGconn * connection, const char* sql, int count, const Oid* types, const char* const* values,
              const int* lengths, const int* formats, int result_format),
             (connection, sql, count, types, values, lengths, formats, result_format))
PVSPLAN_LATE(int, PQflush, (PGconn * connection), (connection))
PVSPLAN_LATE(int, PQconsumeInput, (PGconn * connection), (connection))
PVSPLAN_LATE(int, PQisBusy, (PGconn * connection), (connection))
PVSPLAN_LATE(PGresult*, PQgetResult, (PGconn * connection), (connection))
PVSPLAN_LATE(ExecStatusType, PQresultStatus, (const PGresult* result), (result))
PVSPLAN_LATE(char*, PQresultErrorField, (const PGresult* result, int field), (result, field))
PVSPLAN_LATE(int, PQntuples, (const PGresult* result), (result))
PVSPLAN_LATE(int, PQnfields, (const PGresult* result), (result))
PVSPLAN_LATE(Oid, PQftype, (const PGresult* result, int column), (result, column))
PVSPLAN_LATE(char*, PQgetvalue, (const PGresult* result, int row, int column), (result, row, column))
PVSPLAN_LATE(int, PQgetlength, (const PGresult* result, int row, int column), (result, row, column))
PVSPLAN_LATE(int, PQgetisnull, (const PGresult* result, int row, int column), (result, row, column))
PVSPLAN_LATE(unsigned char*, PQunescapeBytea, (const unsigned char* text, size_t* size), (text, size))
PVSPLAN_LATE(void, PQclear, (PGresult * result), (result))
PVSPLAN_LATE(void, PQfreemem, (void* memory), (memory))

}  // extern "C"
// NOLINTEND(cppcoreguidelines-macro-usage, bugprone-macro-parentheses)
#undef PVSPLAN_LATE
