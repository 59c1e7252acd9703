#include "runtime/ports/redact.hpp"

#include <catch2/catch.hpp>

#include <random>

#include "runtime/ports/disguise.hpp"
#include "runtime/transport/powershell.hpp"

using namespace pvsplan::ports;
using pvsplan::transport::base64;

namespace {

const std::string secret = "s3cr3t <\"quoted\"> & 'more' \\ \xc3\xbc";

// The redacted `text`, in which a mask replaces the secret.
std::string said(const std::string& text, const std::string& of = secret) { return Redactor({of}).redact(text); }

std::string wrapped(const std::string& text, std::size_t columns, const std::string& line_end = "\n") {
    std::string result;
    for (std::size_t at = 0; at < text.size(); at += columns)
        result += (at == 0 ? "" : line_end) + text.substr(at, columns);
    return result;
}

std::string upper(std::string text) {
    for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return text;
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
    return text;
}

}  // namespace

TEST_CASE("redaction: the longer of two secrets that begin together, and what overlaps once") {
    CHECK(Redactor({"abcd", "abcdefgh"}).redact("abcdefgh abcdef") == "*** ***ef");
    CHECK(Redactor({"abcde", "cdefg"}).redact("abcdefg!") == "***!");
    CHECK(said("hunter2hunter2", "hunter2") == "******");
    CHECK(said("nothing", "hunter2") == "nothing");
    CHECK(Redactor({""}).redact("text") == "text");
}

TEST_CASE("redaction: a short secret is a word of its own, and has no disguises") {
    CHECK(said("ab cab ab_ (ab) ab", "ab") == "*** cab ab_ (***) ***");
    CHECK(said("YWI= 6162", "ab") == "YWI= 6162");
    CHECK(said("abcdef abcd", "abcd") == "***ef ***");
}

TEST_CASE("redaction: escapes, all of them or some, once and twice over") {
    CHECK(said("x=" + secret + ".") == "x=***.");
    // ConvertTo-Json of Windows PowerShell
    CHECK(said(R"(x: "s3cr3t \u003c\"quoted\"\u003e \u0026 \u0027more\u0027 \\ )"
               "\xc3\xbc\"") == "x: \"***\"");
    CHECK(said(R"(x: "s3cr3t \u003C\"quoted\"> & 'more' \\ \u00fc")") == "x: \"***\"");
    CHECK(said(R"("{\"x\":\"s3cr3t \\u003c\\\"quoted\\\"> & 'more' \\\\ \\u00FC\"}")") == R"("{\"x\":\"***\"}")");
    CHECK(said("a=s3cr3t%20%3C%22quoted%22%3E%20%26%20%27more%27%20%5c%20%C3%BC&b") == "a=***&b");
    CHECK(said("a=hunter2+and+more&", "hunter2 and more") == "a=***&");
    CHECK(said("<S>s3cr3t &lt;&quot;quoted&quot;&gt; &amp; &apos;more&apos; \\ &#252;</S>") == "<S>***</S>");
    CHECK(said("<S>s3cr3t &#60;\"quoted\"&#x3e; &amp; 'more' _x005C_ &#xFC;</S>") == "<S>***</S>");
    CHECK(said("<S>one_x000A_two_x000d_three</S>", "one\ntwo\rthree") == "<S>***</S>");
    CHECK(said("&amp;lt;tag-of-it&amp;gt;", "<tag-of-it>") == "***");
    CHECK(said(R"(a%41\u0041 %41\\u0041)", R"(%41\u0041)") == "a*** ***");  // a secret that looks like escapes
}

TEST_CASE("redaction: doubled quotes, and the quoting of shells") {
    CHECK(said("set x='it''s \"so\" and so'", "it's \"so\" and so") == "set x='***'");
    CHECK(said("set x=\"it's \"\"so\"\" and so\"", "it's \"so\" and so") == "set x=\"***\"");
    CHECK(said("+ use 'it'\\''s \"so\" and so'", "it's \"so\" and so") == "+ use '***'");
    CHECK(said("+ use 'it'\"'\"'s \"so\" and so'", "it's \"so\" and so") == "+ use '***'");
    CHECK(said("use it\\'s\\ \\\"so\\\"\\ and\\ so.", "it's \"so\" and so") == "use ***.");
}

TEST_CASE("redaction: UTF-16, hexadecimal, base64") {
    for (const Order order : {Order::little_endian, Order::big_endian}) {
        const std::string wide = in_utf16(secret, order);
        CHECK(said("x" + wide + "y") == "x***y");
        CHECK(said("x " + in_hex(wide) + ".") == "x ***.");
        for (const std::string before : {"", "x", "xy"}) {
            const std::string encoded = base64(before + wide + "and the rest of it");
            const std::string clean = said(encoded);
            CHECK(clean.find("***") != std::string::npos);
            CHECK(clean.size() < encoded.size() - wide.size());
        }
    }
    for (const std::string before : {"", "x", "xy"}) {
        const std::string encoded = base64(before + secret + "rest");
        CHECK(said(encoded).size() < 20);
        CHECK(said(replaced(replaced(encoded, "+", "-"), "/", "_")).size() < 20);
    }
    const std::string hex = in_hex(secret);
    CHECK(said("hex " + upper(hex) + "!") == "hex ***!");
    std::string dump;
    std::string list;
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        dump += hex.substr(i, 2) + (i % 32 == 30 ? "\n" : " ");
        list += "0x" + upper(hex.substr(i, 2)) + ", ";
    }
    CHECK(said("(" + dump + ")").size() < 10);
    CHECK(said("{" + list + "}").size() < 10);
}

TEST_CASE("redaction: a dump in rows") {
    const std::string word = "hunter2-hunter3-hunter4";
    // xxd, Format-Hex: an offset before each row, its characters behind it, and the secret over two of them.
    const std::string dump =
        "first\n"
        "00000000: 5061 7373 776f 7264 3d68 756e 7465 7232  Password=hunter2\n"
        "00000010: 2d68 756e 7465 7233 2d68 756e 7465 7234  -hunter3-hunter4\n"
        "00000020: 0a                                       .\n"
        "last\n";
    CHECK(said(dump, word) == "first\n***\nlast\n");
    CHECK(said("00000000   70 61 68 75 6E 74 65 72 32 2D 68 75 6E 74 65 72  pahunter2-hunter\r\n"
               "00000010   33 2D 68 75 6E 74 65 72 34 0D 0A                 3-hunter4..\r\n",
               word) == "***\n");
    CHECK(said("x 68756e746572322d68756e746572332d68756e74657234 y", word) == "x *** y");
    CHECK(said("68 75 6e 74 65 72", word) == "68 75 6e 74 65 72");  // less than would tell
    CHECK(said(R"(geheim \303\244\302\247.)", "geheim \xc3\xa4\xc2\xa7") == "***.");
    CHECK(said(R"(/mnt/my\040secret\040share x)", "my secret share") == "/mnt/*** x");
    CHECK(said(R"('geheim \xe4\xa7'.)", "geheim \xc3\xa4\xc2\xa7") == "'***'.");
}

TEST_CASE("redaction: code pages") {
    const std::string word = "Gr\xc3\xbcn\xc3\x9f";
    CHECK(said("x Gr\x81n\xe1 y", word) == "x *** y");
    CHECK(said("x Gr\xfcn\xdf y", word) == "x *** y");
    CHECK(said("x Gr.n. y", word) == "x Gr.n. y");
}

TEST_CASE("redaction: a secret that is wrapped over lines") {
    const std::string words = "correct horse battery staple";
    const std::string text = "The word is " + words + ", they say.";
    for (std::size_t columns = 9; columns < 60; ++columns) {
        CHECK(said(wrapped(text, columns), words).find("horse") == std::string::npos);
        CHECK(said(wrapped(text, columns, "\r\n     "), words).find("horse") == std::string::npos);
        const std::string encoded = said(wrapped(base64("abc" + words + "def"), columns), words);
        CHECK(encoded.find("***") != std::string::npos);
        CHECK(encoded.size() < 16);
    }
    // At a blank, which the line break takes the place of.
    CHECK(said("correct horse\n   battery staple", words) == "***");
    CHECK(said("correct horsebattery staple", words) == "correct horsebattery staple");
    CHECK(said("ab\ncd", "abcd") == "ab\ncd");  // by chance
}

TEST_CASE("redaction: one line of a wrapped secret") {
    const std::string words = "correct horse battery staple";
    const Redactor redactor({words});
    CHECK(redactor.redact_line("it is correct horse battery") == "it is ***");
    CHECK(redactor.redact_line("battery staple, they say") == "***");
    CHECK(redactor.redact_line("rect horse batt") == "***");
    CHECK(redactor.redact_line("horse") == "***");
    CHECK(redactor.redact_line("it is correct") == "it is ***");
    CHECK(redactor.redact_line("staple, they say") == "***");
    CHECK(redactor.redact_line("ors") == "ors");
    CHECK(redactor.redact_line("a horse and its staple") == "a horse and its staple");
    CHECK(redactor.redact_line(base64(words).substr(10, 20)) == "***");
}

TEST_CASE("redaction: it does not matter where in a long text a secret stands, and all else stays as it is") {
    std::string text(3'000'000, '.');
    std::mt19937 random(7);
    for (char& c : text) c = static_cast<char>(' ' + random() % 95);
    for (std::size_t i = 80; i < text.size(); i += 80) text[i] = '\n';
    const Redactor redactor({secret, "correct horse battery staple", "hunter2!"});
    CHECK(redactor.redact(text) == text);
    for (const std::size_t at : {std::size_t{0}, std::size_t{1'048'570}, std::size_t{1'114'100}, text.size()}) {
        std::string with = text;
        with.insert(at, secret);
        std::string expected = text;
        expected.insert(at, "***");
        CHECK(redactor.redact(with) == expected);
    }
    const std::string ordinary =
        "C:\\new\\table_x 100% of it's \"all\" & &amp; \\u0041 _x000A_ 0xdeadbeef aGVsbG8=\r\n";
    CHECK(redactor.redact(ordinary) == ordinary);
}
