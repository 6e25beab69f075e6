#include <string>
#include <utility>

#include "vectors/author.h"

// The sender's address against those of the signer's certificate (RFC 8550 section 3).
namespace mailassay::vectors {

namespace {

using secureheaders::AddressMatch;

constexpr const char* accepts_none = "rfc8550/3/2";
constexpr const char* in_alternative_name = "rfc8550/3/3";
constexpr const char* in_subject = "rfc8550/3/4";
constexpr const char* domain_in_any_case = "rfc8550/3/6";
constexpr const char* local_in_any_case = "rfc8550/3/7";
constexpr const char* is_checked = "rfc8550/3/9";

class Group {
  public:
    explicit Group(const Author& author) : author_(author) {}

    // `sender` is empty: no such field.
    void add(const std::string& name, const char* requirement, const std::string& signer,
             const std::string& from, const std::string& sender, AddressMatch match,
             std::string note) const {
        Draft draft = Author::usual();
        draft.field("From") = " " + from;
        if (!sender.empty()) draft.header.push_back({"Sender", " " + sender});
        draft.signers = {signer};
        Expected expected = is_valid();
        if (match == AddressMatch::Differs) {
            expected.outcomes = {outcome::valid, outcome::invalid, outcome::signature_invalid};
            expected.readings = {{outcome::valid, "told beside the verdict"},
                                 {outcome::invalid, "told as invalid"},
                                 {outcome::signature_invalid, "told as invalid"}};
        }
        expected.address = match;
        author_.add(VerifyVector{.common = {.name = slug + ("/" + name),
                                            .case_slug = slug,
                                            .requirement = requirement,
                                            .expected = std::move(expected),
                                            .note = std::move(note)},
                                 .message = author_.sign(draft),
                                 .policies = not_shared(draft.policy)});
    }

  private:
    static constexpr const char* slug = "certificate-of-the-sender";
    const Author& author_;
};

}  // namespace

void add_name_vectors(const Author& author) {
    const Group group(author);
    const std::string alice = "Alice <alice@example.org>";
    constexpr auto matches = AddressMatch::Matches;
    constexpr auto differs = AddressMatch::Differs;
    group.add("from", in_alternative_name, "alice-rsa", alice, "", matches,
              "The certificate is for the address in From.");
    group.add("of-many", in_alternative_name, "alice-of-many", alice, "", matches,
              "The second of the certificate's addresses is the one in From.");
    group.add("in-the-subject", in_subject, "alice-in-subject", alice, "", matches,
              "The certificate has its address in the subject's name alone.");
    group.add("sender", is_checked, "carol-rsa", alice, "carol@example.org", matches,
              "The certificate is for the address in Sender.");
    group.add("one-of-two-authors", is_checked, "carol-rsa", alice + ", Carol <carol@example.org>",
              "alice@example.org", matches, "The certificate is for the second address in From.");
    group.add("domain-in-capitals", domain_in_any_case, "alice-rsa", "alice@EXAMPLE.Org", "",
              matches, "From has the domain in capitals.");
    group.add("local-part-in-capitals", local_in_any_case, "alice-rsa", "Alice@example.org", "",
              matches, "From has the local part with a capital.");
    group.add("none-in-certificate", accepts_none, "nobody-rsa", alice, "",
              AddressMatch::NoneInCertificate, "The certificate has no address.");
    group.add("somebody-else", is_checked, "carol-rsa", alice, "", differs,
              "The certificate is for somebody else.");
    group.add("somebody-else-by-name", is_checked, "carol-rsa",
              "\"carol@example.org\" <alice@example.org>", "", differs,
              "The certificate's address is in From, as a display name.");
    group.add("other-domain", is_checked, "alice-rsa", "alice@example.com", "", differs,
              "The certificate's local part at another domain.");
    group.add("domain-below", is_checked, "alice-rsa", "alice@sub.example.org", "", differs,
              "The certificate's local part at a domain below its own.");
    group.add("longer-local-part", is_checked, "alice-rsa", "malice@example.org", "", differs,
              "The certificate's address is the end of the one in From.");
    group.add("a-gateway", is_checked, "gateway-rsa", alice, "", differs,
              "A gateway signed by its own certificate.");
    if (author.is_draft()) return;  // its string has no room for UTF-8
    group.add("international", in_alternative_name, "aelice-international",
              "\xc3\xa4lice@example.org", "", matches,
              "The certificate has an address that is not in ASCII.");
    group.add("international-other-octets", is_checked, "aelice-international",
              "\xc3\x84lice@example.org", "", differs,
              "A local part that is not in ASCII is compared octet by octet.");
}

}  // namespace mailassay::vectors
