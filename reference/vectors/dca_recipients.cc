#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "vectors/dca_author.h"

// To whom a message is encrypted, by which means, and under which names; in both directions.
namespace mailassay::vectors {

namespace {

using dca::NameFault;
using Recipients = std::vector<std::string>;

// The usual message on its way, and as it was.
struct Pair {
    std::string message;
    Carried carried;
};

Pair usual_pair(const DcaAuthor& author) {
    const std::string message = author.sign(DcaAuthor::confidential());
    Carried carried(message);
    carried.remove("Subject").replace("To", " " + std::string(undisclosed));
    return {.message = message, .carried = std::move(carried)};
}

EncryptVector encrypting(const Pair& pair, std::string name, std::string requirement,
                         Recipients recipients, std::string note) {
    return {.common = {.name = std::move(name),
                       .requirement = std::move(requirement),
                       .note = std::move(note),
                       .outcomes = {outcome::encrypted},
                       .header = header::hidden},
            .message = pair.message,
            .recipients = std::move(recipients),
            .replacements = {{"To", std::string(undisclosed)}},
            .outer = pair.carried.fields(),
            .hidden = {"Quarterly figures", "bob@example.net", "Hello Bob."}};
}

DecryptVector decrypting(const Pair& pair, std::string name, std::string requirement,
                         std::string message, std::string holder, std::string note) {
    return {.common = {.name = std::move(name),
                       .requirement = std::move(requirement),
                       .note = std::move(note),
                       .outcomes = {outcome::decrypted},
                       .header = header::restored},
            .message = std::move(message),
            .holder = std::move(holder),
            .restored = pair.message};
}

void add_means(const DcaAuthor& author) {
    const Pair pair = usual_pair(author);
    for (const char* holder : {"dca-rsa", "dca-p256", "dca-p384"}) {
        for (const ContentCipher cipher : ciphers) {
            const std::string name = fmt::format("means/{}-{}", holder, word(cipher));
            EncryptVector vector =
                encrypting(pair, name, "rfc3183/4/6", {holder}, "One kind of key and one cipher.");
            vector.cipher = cipher;
            author.add(std::move(vector));
            author.add(decrypting(pair, name, "rfc3183/4/6",
                                  author.carry(pair.carried, {holder}, cipher), holder,
                                  "One kind of key and one cipher."));
        }
    }
}

void add_several(const DcaAuthor& author) {
    const Pair pair = usual_pair(author);
    const auto add = [&](const char* name, const Recipients& recipients, std::string note) {
        EncryptVector vector =
            encrypting(pair, std::string("recipients/") + name, "rfc3183/4.2/4", recipients, note);
        vector.common.addresses = {"bob@example.net", "carol@example.com"};
        author.add(std::move(vector));
        for (const std::string& holder : recipients) {
            DecryptVector opened =
                decrypting(pair, fmt::format("recipients/{}-by-{}", name, holder), "rfc3183/4.3/1",
                           author.carry(pair.carried, recipients), holder, note);
            opened.common.addresses = {"bob@example.net", "carol@example.com"};
            author.add(std::move(opened));
        }
    };
    add("two-authorities", {"dca-rsa", "dca-elsewhere"},
        "The authorities of two domains, each with recipients.");
    add("authority-and-person", {"dca-p256", "bob-rsa"},
        "An authority by agreement, and an end recipient by transport.");
    add("person-alone", {"bob-p256"}, "An end recipient, and no authority.");
}

void add_many(const DcaAuthor& author) {
    const Pair pair = usual_pair(author);
    const Recipients all{"dca-rsa", "dca-p256", "dca-p384", "dca-of-two", "bob-rsa", "bob-p256"};
    author.add(encrypting(pair, "recipients/six", "rfc3183/4.2/4", all,
                          "Six recipients, by transport and by agreement."));
    author.add(decrypting(pair, "recipients/six-by-the-last", "rfc3183/4.3/1",
                          author.carry(pair.carried, all), "bob-p256",
                          "Six recipients, of which the last decrypts."));
}

// An authority by its name; `faults` is what is wrong with it for bob@example.net.
struct Named {
    const char* name;
    const char* requirement;
    std::string certificate;
    NameFaults faults;
    const char* note;
    bool several_readings = false;
};

void add_names(const DcaAuthor& author) {
    const Pair pair = usual_pair(author);
    const std::vector<Named> all{
        {"as-it-should-be", "rfc3183/4.1/1", "dca-rsa", {}, "Named by the convention."},
        {"of-two-domains",
         "rfc3183/4.1/4",
         "dca-of-two",
         {},
         "Two mail addresses, of which one has the recipient's domain."},
        {"in-capitals",
         "rfc3183/4.1/2",
         "dca-in-capitals",
         {},
         "The common name in capitals, which X.520 compares without their case.",
         true},
        {"mail-misnamed",
         "rfc3183/4.1/3",
         "dca-mail-misnamed",
         {NameFault::MailNameDiffers},
         "The mail address has another name before its at sign."},
        {"one-mail-misnamed",
         "rfc3183/4.1/3",
         "dca-one-mail-misnamed",
         {NameFault::MailNameDiffers},
         "One of two mail addresses has another name.",
         true},
        {"misnamed",
         "rfc3183/4.1/2",
         "dca-misnamed",
         {NameFault::CommonNameDiffers},
         "The common name is another; the mail address has the right one."},
        {"named-twice",
         "rfc3183/4.1/2",
         "dca-named-twice",
         {NameFault::CommonNameRepeated},
         "The subject has the common name twice."},
        {"not-named",
         "rfc3183/4.1/2",
         "dca-not-named",
         {NameFault::CommonNameMissing},
         "The subject has no common name; the mail address has the right one."},
        {"without-mail",
         "rfc3183/4.1/5",
         "dca-without-mail",
         {NameFault::DomainUnknown},
         "The certificate tells no mail domain.",
         true},
        {"by-components",
         "rfc3183/4.1/5",
         "dca-by-components",
         {NameFault::DomainUnknown},
         "The certificate tells its domain by RFC 2247 alone, the recipient by mail.",
         true},
    };
    for (const Named& named : all) {
        const std::vector<std::string> flags = named.several_readings
                                                   ? std::vector<std::string>{"reading"}
                                                   : std::vector<std::string>{};
        EncryptVector vector = encrypting(pair, std::string("names/") + named.name,
                                          named.requirement, {named.certificate}, named.note);
        vector.common.flags = flags;
        if (!named.faults.empty()) vector.name_faults = {{named.certificate, named.faults}};
        author.add(std::move(vector));
        DecryptVector opened = decrypting(
            pair, std::string("names/") + named.name, named.requirement,
            author.carry(pair.carried, {named.certificate}), named.certificate, named.note);
        opened.common.flags = flags;
        opened.name_faults = named.faults;
        author.add(std::move(opened));
    }
}

void add_domains(const DcaAuthor& author) {
    const Pair pair = usual_pair(author);
    const auto refused = [&](const char* name, Recipients recipients,
                             std::vector<std::string> addresses, std::string note) {
        EncryptVector vector = encrypting(pair, std::string("domains/") + name, "rfc3183/4.1/6",
                                          std::move(recipients), std::move(note));
        vector.common.addresses = std::move(addresses);
        vector.common.outcomes = {outcome::refused};
        vector.common.header = {};
        vector.common.reason = "dca.encrypt.wrong-domain";
        vector.outer.clear();
        vector.hidden.clear();
        author.add(std::move(vector));
    };
    const std::vector<std::string> bob{"bob@example.net"};
    refused("another", {"dca-elsewhere"}, bob, "The authority of a domain without recipients.");
    refused("another-besides", {"dca-rsa", "dca-elsewhere"}, bob,
            "The right authority, and one of a domain without recipients.");
    refused("below", {"dca-below"}, bob, "The authority of a domain below the recipient's.");
    refused("a-likeness", {"dca-of-a-likeness"}, bob,
            "The authority's domain ends as the recipient's does, and is none above it.");
    EncryptVector above = encrypting(pair, "domains/above", "rfc3183/4.1/4", {"dca-rsa"},
                                     "The authority of a domain above the recipient's.");
    above.common.addresses = {"bob@deep.sub.EXAMPLE.net"};
    above.hidden = {"Quarterly figures"};
    author.add(std::move(above));
    EncryptVector person = encrypting(pair, "domains/of-a-person", "rfc3183/4.1/4", {"mallory-rsa"},
                                      "An end recipient acts for no domain: none is compared.");
    author.add(std::move(person));

    const auto flagged = [&](const char* name, const char* holder,
                             std::vector<std::string> addresses, NameFaults faults,
                             std::string note) {
        DecryptVector vector =
            decrypting(pair, std::string("domains/") + name, "rfc3183/4.1/7",
                       author.carry(pair.carried, {holder}), holder, std::move(note));
        vector.common.addresses = std::move(addresses);
        vector.name_faults = std::move(faults);
        author.add(std::move(vector));
    };
    flagged("another", "dca-elsewhere", bob, {NameFault::DomainDiffers},
            "Decrypted by the authority of another domain: flagged, and decrypted.");
    flagged("below", "dca-below", bob, {NameFault::DomainDiffers},
            "Decrypted by the authority of a domain below the recipient's.");
    flagged("above", "dca-rsa", {"bob@sub.example.net"}, {},
            "Decrypted by the authority of a domain above the recipient's.");
    flagged("one-of-two-recipients", "dca-rsa", {"carol@example.com", "bob@example.net"}, {},
            "Of two recipients one is of the authority's domain.");
}

}  // namespace

void add_recipient_vectors(const DcaAuthor& author) {
    add_means(author);
    add_several(author);
    add_many(author);
    add_names(author);
    add_domains(author);
}

}  // namespace mailassay::vectors
