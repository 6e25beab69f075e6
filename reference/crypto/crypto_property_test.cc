#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>

#include "crypto/signed_data.h"
#include "crypto/test_certificates.h"
#include "der/read.h"

namespace mailassay::crypto {
namespace {

struct People {
    Identity authority = make_identity({.common_name = "Test CA"});
    Identity ann = make_identity({.mail_addresses = {"ann@example.org"}}, &authority);
    Identity one = make_identity({.mail_addresses = {"one@example.org"}}, &authority);
    Trust trust = {.anchors = {Certificate(authority.certificate)},
                   .at = std::chrono::system_clock::now()};
};

const People& people() {
    static const People made;
    return made;
}

Signer signer_from(const Identity& identity) {
    return {.key = PrivateKey(identity.key), .certificate = Certificate(identity.certificate)};
}

std::string signed_content(const std::string& content) {
    const Signer ann = signer_from(people().ann);
    return sign(content, {&ann, 1}, {}, Encapsulation::Detached).value();
}

// The whole signerInfos of Ann, each without its unsigned attributes.
std::vector<std::string> signer_infos(const std::string& cms) {
    std::vector<std::string> infos;
    const auto value = der::read_der(cms).value();
    for (der::Value info : value.members[1].members[0].members.back().members) {
        if (info.members.back().tag == der::context(1)) info.members.pop_back();
        infos.push_back(der::write(info));
    }
    return infos;
}

RC_GTEST_PROP(CountersignatureProperty, AddingNeverChangesWhatWasSigned,
              (const std::string& content, bool parallel)) {
    const std::string before = signed_content(content);
    const Signer one = signer_from(people().one);
    const std::string after =
        parallel ? add_signer(before, one).value() : countersign(before, 0, one).value();
    const auto infos = signer_infos(after);
    RC_ASSERT(std::ranges::find(infos, signer_infos(before).front()) != infos.end());
    const auto report = verify(after, content, people().trust);
    RC_ASSERT(report.has_value());
    for (const SignerReport& signer : report->signers) {
        RC_ASSERT(signer.is_good());
        for (const SignerReport& each : signer.countersignatures) RC_ASSERT(each.is_good());
    }
    RC_ASSERT(report->signers.size() + report->signers.front().countersignatures.size() == 2U);
}

// Its version and the parameters of its algorithms are not signed: what it says is.
RC_GTEST_PROP(CountersignatureProperty, ABitFlippedInItIsSeenOrChangesNothing,
              (const std::string& content)) {
    std::string cms = countersign(signed_content(content), 0, signer_from(people().one)).value();
    const auto before = verify(cms, content, people().trust);
    const SignerReport& whole = before->signers.front().countersignatures.front();
    // The attribute is the last value in the ContentInfo; its object identifier comes first.
    const std::size_t type = cms.rfind("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x06");
    const std::size_t at = *rc::gen::inRange(type, cms.size());
    cms[at] = static_cast<char>(cms[at] ^ (1 << *rc::gen::inRange(0, 8)));
    const auto report = verify(cms, content, people().trust);
    if (!report || report->signers.front().countersignatures.empty()) return;
    const SignerReport& found = report->signers.front().countersignatures.front();
    if (!found.is_good()) return;
    RC_ASSERT(found.certificate->mail_addresses() == whole.certificate->mail_addresses());
    RC_ASSERT(found.attributes.size() == whole.attributes.size());
    for (std::size_t i = 0; i < whole.attributes.size(); ++i) {
        RC_ASSERT(found.attributes[i].oid == whole.attributes[i].oid);
        RC_ASSERT(found.attributes[i].values == whole.attributes[i].values);
    }
}

}  // namespace
}  // namespace mailassay::crypto
