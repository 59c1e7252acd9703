#include <catch2/catch.hpp>

#include "runtime/doc/roff.hpp"

using pvsplan::doc::roff;

TEST_CASE("a text is no request of a manual page, on whichever of its lines") {
    CHECK(roff(".so /etc/passwd") == "\\&.so /etc/passwd");
    CHECK(roff("a\n.so /etc/passwd\n'pso reboot") == "a\n.PP\n\\&.so /etc/passwd\n.PP\n\\&'pso reboot");
    CHECK(roff("a `b-c` \\fBd") == "a \\fBb\\-c\\fR \\efBd");
}

TEST_CASE("a text steers no terminal that a manual page is shown on") {
    CHECK(roff("a\x1b[31mb\n\xc2\x9b"
               "31mc") ==
          "a\xef\xbf\xbd[31mb\n.PP\n\xef\xbf\xbd"
          "31mc");
}
