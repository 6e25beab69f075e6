#include "smtp/command.h"

#include <gtest/gtest.h>

namespace mailassay::smtp {
namespace {

TEST(ParseCommand, ReadsTheVerbsInAnyCase) {
    const std::pair<std::string_view, Command> examples[] = {
        {"EHLO mx.example.org", HelloCommand{HelloVerb::Ehlo, "mx.example.org"}},
        {"helo [192.0.2.1] ", HelloCommand{HelloVerb::Helo, "[192.0.2.1]"}},
        {"LHLO a", HelloCommand{HelloVerb::Lhlo, "a"}},
        {"MAIL FROM:<>", MailCommand{}},
        {"mail from: <a@b> size=1  REQUIRETLS\t",
         MailCommand{{"a", "b"}, {{"size", "1"}, {"REQUIRETLS", std::nullopt}}}},
        {"MAIL FROM:<a@b> X-A=1 X-A=2", MailCommand{{"a", "b"}, {{"X-A", "1"}, {"X-A", "2"}}}},
        {"RCPT TO:<\"> X=1\"@b> NOTIFY=NEVER", RcptCommand{{"> X=1", "b"}, {{"NOTIFY", "NEVER"}}}},
        {"RCPT TO:<Postmaster>", RcptCommand{{"Postmaster", ""}, {}}},
        {"data", DataCommand{}},
        {"RSET ", RsetCommand{}},
        {"NOOP whatever", NoopCommand{}},
        {"HELP mail", HelpCommand{}},
        {"QUIT", QuitCommand{}},
        {"StartTLS", StartTlsCommand{}},
        {"VRFY a b", VrfyCommand{"a b"}},
        {"EXPN list", ExpnCommand{"list"}},
        {"", UnknownCommand{""}},
        {" MAIL FROM:<>", UnknownCommand{""}},
        {"Bdat 1 LAST", UnknownCommand{"BDAT"}},
        {"MAILFROM:<>", UnknownCommand{"MAILFROM:<>"}},
    };
    for (const auto& [line, command] : examples) {
        const auto parsed = parse_command(line);
        ASSERT_TRUE(parsed) << line << ": " << to_string(parsed.error());
        EXPECT_EQ(*parsed, command) << line;
    }
    EXPECT_EQ(parse_command(std::string(100, 'x')), Command(UnknownCommand{std::string(32, 'X')}));
}

TEST(ParseCommand, RefusesWithIdAndOffset) {
    using namespace std::string_view_literals;
    const std::tuple<std::string_view, std::string_view, std::size_t> examples[] = {
        {"EHLO", "smtp.command.argument-missing", 4},
        {"EHLO a b", "smtp.command.argument-unexpected", 6},
        {"EHLO \xc3\xbc", "smtp.command.argument-unexpected", 5},
        {"DATA now", "smtp.command.argument-unexpected", 5},
        {"STARTTLS x", "smtp.command.argument-unexpected", 9},
        {"VRFY", "smtp.command.argument-missing", 4},
        {"MAIL", "smtp.command.from-missing", 4},
        {"MAIL TO:<a@b>", "smtp.command.from-missing", 5},
        {"MAIL FROM <a@b>", "smtp.command.from-missing", 5},
        {"RCPT FROM:<a@b>", "smtp.command.to-missing", 5},
        {"MAIL FROM:a@b", "smtp.path.bracket", 10},
        {"MAIL FROM:", "smtp.path.bracket", 10},
        {"RCPT TO:<>", "smtp.path.null", 10},
        {"MAIL FROM:<a@b>SIZE=1", "smtp.parameter.syntax", 15},
        {"MAIL FROM:<a@b> SIZE=", "smtp.parameter.syntax", 21},
        {"MAIL FROM:<a@b> SIZE=1=2", "smtp.parameter.syntax", 21},
        {"MAIL FROM:<a@b> =1", "smtp.parameter.syntax", 16},
        {"MAIL FROM:<a@b> -X", "smtp.parameter.syntax", 16},
        {"MAIL FROM:<a@b> X_Y", "smtp.parameter.syntax", 17},
        {"NOOP \0x"sv, "smtp.command.octet", 5},
        {"NOOP\r", "smtp.command.octet", 4},
        {"RSET\nQUIT", "smtp.command.octet", 4},
        {"NOOP \x7f", "smtp.command.octet", 5},
        {"NOOP \xff", "smtp.command.octet", 0},
    };
    for (const auto& [line, id, offset] : examples) {
        const auto parsed = parse_command(line);
        ASSERT_FALSE(parsed) << line;
        EXPECT_EQ(parsed.error().id, id) << line;
        EXPECT_EQ(parsed.error().offset, offset) << line;
    }
}

TEST(ParseCommand, PrintsWhatItReads) {
    for (const auto* line :
         {"EHLO a", "HELO a", "LHLO a", "MAIL FROM:<a@b> SIZE=1 REQUIRETLS", "RCPT TO:<a@b> X=y",
          "DATA", "RSET", "NOOP", "QUIT", "HELP", "STARTTLS", "VRFY a", "EXPN a", "TURN"}) {
        EXPECT_EQ(to_string(*parse_command(line)), line);
    }
}

}  // namespace
}  // namespace mailassay::smtp
