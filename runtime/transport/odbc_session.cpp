#include "runtime/transport/odbc_session.hpp"

#include <sql.h>
#include <sqlext.h>
#include <sqlucode.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <mutex>

#include "compiler/base/check.hpp"
#include "compiler/base/utf8.hpp"
#include "compiler/program/json_text.hpp"
#include "runtime/transport/powershell.hpp"

namespace pvsplan::transport {

namespace {

// UTF-16 with a 0 behind it, as ODBC takes texts.
std::vector<SQLWCHAR> wide(std::string_view utf8) {
    const auto bytes = utf16le(utf8);
    std::vector<SQLWCHAR> result(bytes.size() / 2 + 1, 0);
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
        result[i / 2] = static_cast<SQLWCHAR>(static_cast<unsigned char>(bytes[i]) |
                                              static_cast<unsigned char>(bytes[i + 1]) << 8U);
    }
    return result;
}

// Half of a surrogate pair becomes the character that replaces what cannot be read: what drivers give is not checked by
// anybody before.
std::string narrow(const SQLWCHAR* units, std::size_t count) {
    std::string result;
    for (std::size_t i = 0; i < count; ++i) {
        std::uint32_t point = units[i];
        if (point >= 0xd800 && point < 0xdc00 && i + 1 < count && units[i + 1] >= 0xdc00 && units[i + 1] < 0xe000) {
            point = 0x10000 + ((point - 0xd800) << 10U) + (units[++i] - 0xdc00U);
        } else if (point >= 0xd800 && point < 0xe000) {
            point = 0xfffd;
        }
        base::append_utf8(result, point);
    }
    return result;
}

// SQL_NO_DATA is no failure: an UPDATE that meets no row ends so.
bool worked(SQLRETURN code) { return code == SQL_SUCCESS || code == SQL_SUCCESS_WITH_INFO || code == SQL_NO_DATA; }

// All that the driver has to say, first the state of the first.
// A driver may have many messages; twenty are more than anybody reads.
SqlFault read_messages(SQLSMALLINT type, SQLHANDLE handle) {
    SqlFault fault;
    for (SQLSMALLINT record = 1; record <= 20; ++record) {
        std::array<SQLWCHAR, 6> state{};
        std::array<SQLWCHAR, 4096> text{};
        SQLINTEGER native = 0;
        SQLSMALLINT length = 0;
        if (!SQL_SUCCEEDED(SQLGetDiagRecW(type, handle, record, state.data(), &native, text.data(),
                                          static_cast<SQLSMALLINT>(text.size()), &length))) {
            break;
        }
        if (record == 1) fault.state = narrow(state.data(), 5);
        auto message =
            narrow(text.data(),
                   std::min<std::size_t>(static_cast<std::size_t>(std::max<SQLSMALLINT>(length, 0)), text.size() - 1));
        while (!message.empty() && (message.back() == '\n' || message.back() == ' ' || message.back() == '\0'))
            message.pop_back();
        if (!fault.text.empty()) fault.text += "; ";
        fault.text += message;
    }
    if (fault.text.empty()) fault.text = "the driver gives no reason";
    return fault;
}

// What a parameter points to until the statement has run: the driver reads it only then.
struct Bound {
    std::vector<SQLWCHAR> text;
    std::int64_t number = 0;
    unsigned char truth = 0;
    SQLLEN length = 0;
};

// Values are bound by their types and never written into the text, whatever they hold. More than 4,000 units are too
// long for NVARCHAR of SQL Server.
SQLRETURN bind(SQLHSTMT statement, SQLUSMALLINT number, const SqlValue& value, Bound& bound) {
    switch (value.type) {
        case SqlValue::Type::null:
            bound.length = SQL_NULL_DATA;
            return SQLBindParameter(statement, number, SQL_PARAM_INPUT, SQL_C_WCHAR, SQL_WVARCHAR, 1, 0, nullptr, 0,
                                    &bound.length);
        case SqlValue::Type::integer:
            bound.number = value.number;
            return SQLBindParameter(statement, number, SQL_PARAM_INPUT, SQL_C_SBIGINT, SQL_BIGINT, 0, 0, &bound.number,
                                    0, nullptr);
        case SqlValue::Type::boolean:
            bound.truth = value.number != 0 ? 1 : 0;
            return SQLBindParameter(statement, number, SQL_PARAM_INPUT, SQL_C_BIT, SQL_BIT, 0, 0, &bound.truth, 0,
                                    nullptr);
        case SqlValue::Type::text: break;
    }
    bound.text = wide(value.text);
    const auto units = bound.text.size() - 1;
    bound.length = static_cast<SQLLEN>(units * sizeof(SQLWCHAR));
    return SQLBindParameter(statement, number, SQL_PARAM_INPUT, SQL_C_WCHAR,
                            units > 4000 ? SQL_WLONGVARCHAR : SQL_WVARCHAR, std::max<std::size_t>(units, 1), 0,
                            bound.text.data(), bound.length, &bound.length);
}

// How a column becomes JSON.
struct Column {
    std::string name;
    bool is_number = false;
    bool is_truth = false;
};

// A name longer than the room for it is cut; types that are neither whole numbers nor truths are text.
Column describe(SQLHSTMT statement, SQLUSMALLINT number) {
    std::array<SQLWCHAR, 512> name{};
    SQLSMALLINT length = 0;
    SQLSMALLINT type = 0;
    SQLULEN size = 0;
    SQLSMALLINT digits = 0;
    SQLSMALLINT nullable = 0;
    SQLDescribeColW(statement, number, name.data(), static_cast<SQLSMALLINT>(name.size()), &length, &type, &size,
                    &digits, &nullable);
    const auto units =
        std::min<std::size_t>(static_cast<std::size_t>(std::max<SQLSMALLINT>(length, 0)), name.size() - 1);
    return {.name = narrow(name.data(), units),
            .is_number = type == SQL_INTEGER || type == SQL_SMALLINT || type == SQL_BIGINT || type == SQL_TINYINT,
            .is_truth = type == SQL_BIT};
}

// The value as text, in as many pieces as it takes; nothing: NULL. `code`: an error of the driver.
std::optional<std::string> read_column(SQLHSTMT statement, SQLUSMALLINT number, std::uint64_t max_bytes,
                                       SQLRETURN& code) {
    std::vector<SQLWCHAR> units;
    std::vector<SQLWCHAR> piece(16384);
    while (units.size() < max_bytes) {
        SQLLEN length = 0;
        code = SQLGetData(statement, number, SQL_C_WCHAR, piece.data(),
                          static_cast<SQLLEN>(piece.size() * sizeof(SQLWCHAR)), &length);
        if (code == SQL_NO_DATA || !SQL_SUCCEEDED(code)) break;
        if (length == SQL_NULL_DATA) return std::nullopt;
        const auto room = piece.size() - 1;
        const auto held =
            length == SQL_NO_TOTAL ? room : std::min(room, static_cast<std::size_t>(length) / sizeof(SQLWCHAR));
        units.insert(units.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(held));
        if (code == SQL_SUCCESS) break;
    }
    return narrow(units.data(), units.size());
}

// Whole numbers and truths become JSON of their own; everything else is text, decimals too, so that nothing of them is
// rounded.
void write_value(std::string& out, const Column& column, const std::optional<std::string>& value) {
    if (!value) {
        out += "null";
    } else if (column.is_truth) {
        out += *value == "1" || *value == "t" || *value == "true" ? "true" : "false";
    } else if (column.is_number && !value->empty() && value->find_first_not_of("-0123456789") == std::string::npos) {
        out += *value;
    } else {
        program::write_json_string(out, *value);
    }
}

// The rows of the result that the statement stands at.
// Rows beyond the bound are read and counted, not kept: the batch has to run to its end.
SQLRETURN read_rows(SQLHSTMT statement, SQLSMALLINT columns, std::uint64_t max_bytes, SqlOutput& output) {
    std::vector<Column> described;
    for (SQLSMALLINT i = 1; i <= columns; ++i) described.push_back(describe(statement, static_cast<SQLUSMALLINT>(i)));
    SQLRETURN code = SQL_SUCCESS;
    while (SQL_SUCCEEDED(code = SQLFetch(statement))) {
        std::string row = "{";
        for (std::size_t i = 0; i < described.size(); ++i) {
            SQLRETURN read = SQL_SUCCESS;
            const auto value = read_column(statement, static_cast<SQLUSMALLINT>(i + 1), max_bytes, read);
            if (!worked(read)) return read;
            if (i > 0) row += ',';
            program::write_json_string(row, described[i].name);
            row += ':';
            write_value(row, described[i], value);
        }
        row += "}\n";
        if (output.dropped == 0 && output.rows.size() < max_bytes)
            output.rows += row;
        else
            output.dropped += row.size();
    }
    return code == SQL_NO_DATA ? SQL_SUCCESS : code;
}

}  // namespace

struct OdbcSession::Inside {
    SQLHENV environment = SQL_NULL_HENV;
    SQLHDBC connection = SQL_NULL_HDBC;
    bool is_connected = false;
    std::mutex mutex;  // of `statement` as cancel() sees it
    SQLHSTMT statement = SQL_NULL_HSTMT;

    // Drivers differ in how they say that a connection is gone, so they are asked, and their states are looked at.
    [[nodiscard]] SqlFault fault() const {
        auto result = read_messages(SQL_HANDLE_STMT, statement);
        SQLUINTEGER dead = SQL_CD_FALSE;
        SQLGetConnectAttr(connection, SQL_ATTR_CONNECTION_DEAD, &dead, 0, nullptr);
        result.is_cut = dead == SQL_CD_TRUE || result.state.starts_with("08") || result.state.starts_with("57P0") ||
                        result.state == "HYT01";
        return result;
    }
    // What PRINT and warnings say goes to the errors of the job, as other commands have it.
    void tell_messages(SQLRETURN code, SqlOutput& output) const {
        if (code == SQL_SUCCESS_WITH_INFO) output.messages += read_messages(SQL_HANDLE_STMT, statement).text + "\n";
    }
    std::optional<SqlFault> read_all(std::uint64_t max_bytes, SqlOutput& output);
};

// A batch may give several results; an error may come with any of them, so all are read.
std::optional<SqlFault> OdbcSession::Inside::read_all(std::uint64_t max_bytes, SqlOutput& output) {
    while (true) {
        SQLSMALLINT columns = 0;
        SQLNumResultCols(statement, &columns);
        if (columns > 0) {
            if (!worked(read_rows(statement, columns, max_bytes, output))) return fault();
        } else {
            SQLLEN count = -1;
            SQLRowCount(statement, &count);
            if (count >= 0)
                output.messages += std::to_string(count) + (count == 1 ? " row affected\n" : " rows affected\n");
        }
        const auto code = SQLMoreResults(statement);
        if (code == SQL_NO_DATA) return std::nullopt;
        if (!worked(code)) return fault();
        tell_messages(code, output);
    }
}

// Only the handles: nothing is asked of any database before connect().
OdbcSession::OdbcSession() : inside_(std::make_unique<Inside>()) {
    base::check(SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &inside_->environment)),
                "no ODBC environment");
    SQLSetEnvAttr(inside_->environment, SQL_ATTR_ODBC_VERSION, reinterpret_cast<SQLPOINTER>(SQL_OV_ODBC3), 0);
    base::check(SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_DBC, inside_->environment, &inside_->connection)),
                "no ODBC connection");
}

// The connection before the environment that it is of.
OdbcSession::~OdbcSession() {
    if (inside_->is_connected) SQLDisconnect(inside_->connection);
    SQLFreeHandle(SQL_HANDLE_DBC, inside_->connection);
    SQLFreeHandle(SQL_HANDLE_ENV, inside_->environment);
}

// Nothing: it is connected.
std::optional<SqlFault> OdbcSession::connect(const std::string& connection, int timeout_s) {
    SQLSetConnectAttr(inside_->connection, SQL_ATTR_LOGIN_TIMEOUT,
                      reinterpret_cast<SQLPOINTER>(static_cast<std::intptr_t>(timeout_s)), 0);
    auto text = wide(connection);
    // The driver of PostgreSQL calls setlocale() while it connects, which no other thread may do at that time.
    static std::mutex one_at_a_time;
    std::unique_lock lock(one_at_a_time, std::defer_lock);
    for (const char* driver : {"psqlodbc", "PostgreSQL", "DSN="}) {
        if (!lock.owns_lock() && connection.find(driver) != std::string::npos) lock.lock();
    }
    const auto code =
        SQLDriverConnectW(inside_->connection, nullptr, text.data(), static_cast<SQLSMALLINT>(text.size() - 1), nullptr,
                          0, nullptr, SQL_DRIVER_NOPROMPT);
    // The string holds the password.
    std::fill(text.begin(), text.end(), SQLWCHAR{0});
    if (SQL_SUCCEEDED(code)) {
        inside_->is_connected = true;
        return std::nullopt;
    }
    return read_messages(SQL_HANDLE_DBC, inside_->connection);
}

// The product, as its driver names it; empty where it does not.
std::string OdbcSession::database() const {
    std::array<SQLWCHAR, 200> name{};
    SQLSMALLINT length = 0;
    if (!SQL_SUCCEEDED(SQLGetInfoW(inside_->connection, SQL_DBMS_NAME, name.data(),
                                   static_cast<SQLSMALLINT>(name.size() * sizeof(SQLWCHAR)), &length))) {
        return {};
    }
    std::size_t units = 0;
    while (units < name.size() && name[units] != 0) ++units;
    return narrow(name.data(), units);
}

std::optional<SqlFault> OdbcSession::execute(const std::string& text, const std::vector<SqlValue>& values,
                                             std::uint64_t max_bytes, SqlOutput& output) {
    SQLHSTMT statement = SQL_NULL_HSTMT;
    if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, inside_->connection, &statement))) {
        auto fault = read_messages(SQL_HANDLE_DBC, inside_->connection);
        fault.is_cut = true;
        return fault;
    }
    {
        const std::lock_guard lock(inside_->mutex);
        inside_->statement = statement;
    }
    std::vector<Bound> bound(values.size());
    SQLRETURN code = SQL_SUCCESS;
    for (std::size_t i = 0; i < values.size() && worked(code); ++i) {
        code = bind(statement, static_cast<SQLUSMALLINT>(i + 1), values[i], bound[i]);
    }
    if (worked(code)) {
        auto wide_text = wide(text);
        code = SQLExecDirectW(statement, wide_text.data(), static_cast<SQLINTEGER>(wide_text.size() - 1));
    }
    std::optional<SqlFault> fault;
    if (!worked(code)) {
        fault = inside_->fault();
    } else {
        inside_->tell_messages(code, output);
        fault = inside_->read_all(max_bytes, output);
    }
    const std::lock_guard lock(inside_->mutex);
    SQLFreeHandle(SQL_HANDLE_STMT, statement);
    inside_->statement = SQL_NULL_HSTMT;
    return fault;
}

// From another thread: the one call that ODBC allows while a statement executes.
void OdbcSession::cancel() {
    const std::lock_guard lock(inside_->mutex);
    if (inside_->statement != SQL_NULL_HSTMT) SQLCancel(inside_->statement);
}

}  // namespace pvsplan::transport
