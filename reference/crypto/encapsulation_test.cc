#include "crypto/encapsulation.h"

#include <gtest/gtest.h>

#include "crypto/handles.h"
#include "crypto/signed_data.h"
#include "crypto/test_certificates.h"

namespace mailassay::crypto {
namespace {

using namespace std::string_literals;

// SEQUENCE and the like in definite length, short enough for one octet.
std::string value(char identifier, const std::string& contents) {
    return std::string(1, identifier) + static_cast<char>(contents.size()) + contents;
}
std::string indefinite(char identifier, const std::string& contents) {
    return std::string(1, identifier) + "\x80"s + contents + "\0\0"s;
}

const std::string oid = "\x06\x01\x01"s;
const std::string version = "\x02\x01\x01\x31\x00"s;  // with no digest algorithm
const std::string signers = "\x31\x00"s;

// What is around the content, `wrap` its constructed values.
template <class Wrap>
std::string frame(Wrap wrap, const std::string& content, const std::string& behind = signers) {
    return wrap('\x30',
                oid + wrap('\xa0', wrap('\x30', version + wrap('\x30', oid + content) + behind)));
}

std::string joined(const Encapsulated& apart) {
    std::string whole;
    for (const std::string_view segment : apart.segments) whole += segment;
    return whole;
}

// Read and written again by OpenSSL.
std::string written_by_openssl(std::string_view content_info) {
    const BioHandle in = read_from(content_info);
    const CmsHandle cms(d2i_CMS_bio(in.get(), nullptr));
    return cms ? der_of(cms.get()) : "";
}

TEST(Encapsulation, ContentIsTakenOutOfEveryLength) {
    const std::string rest = frame(value, "");
    const std::string string = value('\x04', "content");
    const std::string segments = value('\x04', "con") + value('\x04', "") + value('\x04', "tent");
    for (const std::string& content :
         {string, value('\x24', segments), indefinite('\x24', segments),
          indefinite('\x24', value('\x04', "con") + indefinite('\x24', value('\x04', "tent")))}) {
        for (const std::string& whole :
             {frame(value, value('\xa0', content)), frame(indefinite, indefinite('\xa0', content)),
              frame(indefinite, value('\xa0', content)) + "behind"}) {
            const auto apart = take_out(whole);
            ASSERT_TRUE(apart.has_value());
            EXPECT_EQ(joined(*apart), "content");
            EXPECT_EQ(apart->rest, rest);
        }
    }
}

TEST(Encapsulation, LengthsMayBeLongerThanNeeded) {
    const std::string whole = frame(value, value('\xa0', "\x04\x88\0\0\0\0\0\0\0\x02hi"s));
    ASSERT_TRUE(take_out(whole).has_value());
    EXPECT_EQ(joined(*take_out(whole)), "hi");
}

TEST(Encapsulation, OtherShapesAreLeftToWhoReadsThemWhole) {
    const std::string string = value('\x04', "content");
    EXPECT_FALSE(take_out(frame(value, ""))) << "detached";
    EXPECT_FALSE(take_out(frame(value, value('\xa0', value('\x30', ""))))) << "no string";
    EXPECT_FALSE(take_out(frame(value, value('\xa0', string + string)))) << "two strings";
    EXPECT_FALSE(take_out(frame(value, value('\xa0', value('\x24', value('\x0c', "x"))))));
    const std::string whole = frame(value, value('\xa0', string));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_FALSE(take_out(whole.substr(0, size))) << size;
    }
    const std::string empty_in_a_long_length = "\x31\x81\x00"s;
    const std::string content = value('\xa0', string);
    EXPECT_FALSE(take_out(frame(indefinite, content, empty_in_a_long_length)));
    EXPECT_TRUE(take_out(frame(indefinite, content, empty_in_a_long_length + signers)));
    std::string nested;
    for (int i = 0; i < 100'000; ++i) nested += "\x24\x80"s;
    EXPECT_FALSE(take_out(frame(indefinite, nested))) << "deeper than anyone goes";
    EXPECT_FALSE(take_out("\x30\x88\xff\xff\xff\xff\xff\xff\xff\xff"s));
}

TEST(Encapsulation, IsPutTogetherAgain) {
    const std::string rest = frame(value, "");
    for (const std::size_t size : {0UL, 1UL, 100UL, 127UL, 128UL, 255UL, 256UL, 70'000UL}) {
        const std::string content(size, 'x');
        const auto around = around_content(rest, size);
        ASSERT_TRUE(around.has_value());
        const std::string whole = around->before + content + around->behind;
        const auto apart = take_out(whole);
        ASSERT_TRUE(apart.has_value()) << size;
        EXPECT_EQ(joined(*apart), content);
        EXPECT_EQ(apart->rest, rest);
        EXPECT_FALSE(around_content(whole, 1)) << "there is content in it";
    }
    EXPECT_FALSE(around_content("no", 1));
}

// What is put together is what OpenSSL would have written.
TEST(Encapsulation, IsOpensslsOwn) {
    const Identity alice = make_identity({.mail_addresses = {"alice@example.org"}});
    const Signer signer{.key = PrivateKey(alice.key),
                        .certificate = Certificate(alice.certificate)};
    const Trust trust{.anchors = {Certificate(alice.certificate)},
                      .at = std::chrono::system_clock::now()};
    for (const std::size_t size : {0UL, 200UL, 100'000UL}) {
        const std::string content(size, 'x');
        const auto made = sign(content, {&signer, 1}, {}, Encapsulation::Opaque);
        ASSERT_TRUE(made.has_value());
        EXPECT_EQ(written_by_openssl(*made), *made);
        const auto report = verify(*made, std::nullopt, trust);
        ASSERT_TRUE(report.has_value());
        EXPECT_EQ(report->content->view(), content);
        EXPECT_EQ(report->signers.at(0).signature, SignatureState::Good);
    }
}

// The same frame for an envelope: version, originator, recipients, and an algorithm.
template <class Wrap>
std::string envelope(Wrap wrap, const std::string& originator, const std::string& content) {
    const std::string described = oid + value('\x30', oid);
    return wrap('\x30', oid + wrap('\xa0', wrap('\x30', "\x02\x01\x00"s + originator + "\x31\x00"s +
                                                            wrap('\x30', described + content))));
}

TEST(Encapsulation, EncryptedContentIsTakenOutToo) {
    const std::string segments = value('\x04', "con") + value('\x04', "tent");
    for (const std::string& originator : {""s, value('\xa0', "")}) {
        for (const std::string& content :
             {value('\x80', "content"), value('\xa0', segments), indefinite('\xa0', segments),
              indefinite('\xa0',
                         value('\x04', "con") + indefinite('\x24', value('\x04', "tent")))}) {
            for (const std::string& whole : {envelope(value, originator, content),
                                             envelope(indefinite, originator, content)}) {
                const auto apart = take_out(whole, ContentForm::Encrypted);
                ASSERT_TRUE(apart.has_value());
                EXPECT_EQ(joined(*apart), "content");
                EXPECT_EQ(apart->rest, envelope(value, originator, ""));
            }
        }
    }
    const std::string rest = envelope(value, "", "");
    const auto around = around_content(rest, 7, ContentForm::Encrypted);
    ASSERT_TRUE(around.has_value());
    EXPECT_EQ(around->before + "content" + around->behind,
              envelope(value, "", value('\x80', "content")));
}

TEST(Encapsulation, OtherShapesOfEnvelopesAreLeftToo) {
    const auto left = [](const std::string& whole) {
        return !take_out(whole, ContentForm::Encrypted).has_value();
    };
    EXPECT_TRUE(left(envelope(value, "", ""))) << "no content";
    EXPECT_TRUE(left(envelope(value, "", value('\x04', "content")))) << "without its tag";
    EXPECT_TRUE(left(envelope(value, "", value('\xa0', value('\x30', ""))))) << "no string";
    EXPECT_TRUE(left(envelope(value, "", value('\x80', "a") + value('\x80', "b")))) << "two";
    EXPECT_TRUE(left(frame(value, value('\xa0', value('\x04', "content"))))) << "SignedData";
    const std::string whole = envelope(value, "", value('\x80', "content"));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_TRUE(left(whole.substr(0, size))) << size;
    }
}

}  // namespace
}  // namespace mailassay::crypto
