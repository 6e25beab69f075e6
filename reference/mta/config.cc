#include "mta/config.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <set>
#include <utility>

#include "base/ascii.h"
#include "mta/files.h"

namespace mailassay::mta {

namespace {

std::string address_octets(std::string_view text) {
    const std::string address(text);
    std::array<char, 16> octets{};
    if (::inet_pton(AF_INET, address.c_str(), octets.data()) == 1) return {octets.data(), 4};
    if (::inet_pton(AF_INET6, address.c_str(), octets.data()) == 1) return {octets.data(), 16};
    return {};
}

// Reads the tables of one file; keeps the first error, so that the readers below need not branch.
class Reader {
  public:
    explicit Reader(std::string_view name) : name_(name) {}

    void fail(std::string_view id, const toml::node& where, std::string_view key,
              std::string_view what) {
        fail_at(id, where.source().begin.line, key, what);
    }
    void fail_at(std::string_view id, std::size_t line, std::string_view key,
                 std::string_view what) {
        if (error_) return;
        const std::string place = line == 0 ? name_ : fmt::format("{}:{}", name_, line);
        error_ = Error{.id = id, .detail = fmt::format("{}: {}: {}", place, key, what)};
    }
    [[nodiscard]] const std::optional<Error>& error() const { return error_; }

  private:
    std::string name_;
    std::optional<Error> error_;
};

enum class Need : std::uint8_t { Optional, Mandatory };

// One table of the file. Every key that is read is known; finish() reports the others.
class Section {
  public:
    Section(Reader& reader, const toml::table& file, std::string_view name)
        : reader_(reader), name_(name) {
        const toml::node* node = file.get(name);
        if (node == nullptr) return;
        table_ = node->as_table();
        if (table_ == nullptr) reader_.fail("mta.config.type", *node, name_, "must be a table");
    }

    void text(std::string_view key, std::string& value, Need need = Need::Optional) {
        const toml::node* node = find(key, need);
        if (node == nullptr) return;
        const auto found = node->value_exact<std::string>();
        if (!found) return fail("mta.config.type", *node, key, "must be a string");
        if (found->empty()) return fail("mta.config.value", *node, key, "must not be empty");
        if (std::any_of(found->begin(), found->end(), base::is_control)) {
            return fail("mta.config.value", *node, key, "must not hold control characters");
        }
        value = *found;
    }

    // A name that can stand in EHLO and in a greeting.
    void host_name(std::string_view key, std::string& value, Need need = Need::Optional) {
        std::string found;
        text(key, found, need);
        if (found.empty()) return;
        const bool good = std::all_of(found.begin(), found.end(), [](char c) {
            return base::is_alnum(c) || c == '.' || c == '-';
        });
        if (!good || found.size() > 255) {
            return fail("mta.config.value", *table_->get(key), key, "must be a host name");
        }
        value = found;
    }

    template <class Number>
    void number(std::string_view key, Number& value, std::int64_t low, std::int64_t high) {
        const toml::node* node = find(key, Need::Optional);
        if (node == nullptr) return;
        const auto found = node->value_exact<std::int64_t>();
        if (!found) return fail("mta.config.type", *node, key, "must be an integer");
        if (*found < low || *found > high) {
            return fail("mta.config.value", *node, key,
                        fmt::format("must be from {} to {}", low, high));
        }
        value = static_cast<Number>(*found);
    }

    // Seconds, as an integer or a fraction.
    void seconds(std::string_view key, std::chrono::milliseconds& value) {
        constexpr double longest = 30.0 * 24 * 3600;
        const toml::node* node = find(key, Need::Optional);
        if (node == nullptr) return;
        if (!node->is_number()) return fail("mta.config.type", *node, key, "must be a number");
        const double found = node->value<double>().value_or(-1);
        if (!(found >= 0.001 && found <= longest)) {
            return fail("mta.config.value", *node, key,
                        fmt::format("must be from 0.001 to {} seconds", longest));
        }
        value = std::chrono::milliseconds(std::llround(found * 1000));
    }

    // A string, made a value by `parse`; nothing is appended when it is missing or wrong.
    template <class Value, class Parse>
    void value(std::string_view key, std::vector<Value>& values, Parse parse, Need need) {
        std::string found;
        text(key, found, need);
        if (found.empty()) return;
        auto value = parse(std::string_view(found));
        if (!value) {
            return fail("mta.config.value", *table_->get(key), key, value.error().detail);
        }
        values.push_back(std::move(*value));
    }

    // A list of strings, each made a value by `parse`.
    template <class Value, class Parse>
    void list(std::string_view key, std::vector<Value>& values, Parse parse,
              Need need = Need::Optional) {
        const toml::node* node = find(key, need);
        if (node == nullptr) return;
        const toml::array* array = node->as_array();
        if (array == nullptr) return fail("mta.config.type", *node, key, "must be an array");
        values.clear();
        for (const toml::node& element : *array) {
            const auto found = element.value_exact<std::string>();
            if (!found) return fail("mta.config.type", element, key, "must hold strings only");
            auto value = parse(std::string_view(*found));
            if (!value) return fail("mta.config.value", element, key, value.error().detail);
            values.push_back(std::move(*value));
        }
        if (values.empty() && need == Need::Mandatory) {
            fail("mta.config.value", *node, key, "must not be empty");
        }
    }

    // One of a few words.
    template <class Value>
    void choice(std::string_view key, Value& value,
                std::initializer_list<std::pair<std::string_view, Value>> choices) {
        std::string word;
        text(key, word);
        if (word.empty()) return;
        std::string allowed;
        for (const auto& [name, meaning] : choices) {
            if (word == name) {
                value = meaning;
                return;
            }
            allowed += fmt::format("{}\"{}\"", allowed.empty() ? "" : " or ", name);
        }
        fail("mta.config.value", *table_->get(key), key,
             fmt::format("must be {}, not \"{}\"", allowed, base::escape(word, 40)));
    }

    // The keys, when any may stand here.
    [[nodiscard]] std::vector<std::string> keys() const {
        std::vector<std::string> names;
        if (table_ == nullptr) return names;
        for (const auto& [key, node] : *table_) names.emplace_back(key.str());
        return names;
    }

    void finish() {
        if (table_ == nullptr) return;
        for (const auto& [key, node] : *table_) {
            if (!known_.contains(key.str())) {
                reader_.fail_at("mta.config.unknown-key", key.source().begin.line,
                                fmt::format("{}.{}", name_, base::escape(key.str(), 60)),
                                "unknown key");
            }
        }
    }

  private:
    const toml::node* find(std::string_view key, Need need) {
        known_.emplace(key);
        const toml::node* node = table_ == nullptr ? nullptr : table_->get(key);
        if (node == nullptr && need == Need::Mandatory) {
            reader_.fail_at("mta.config.missing", 0, fmt::format("{}.{}", name_, key), "missing");
        }
        return node;
    }

    void fail(std::string_view id, const toml::node& where, std::string_view key,
              std::string_view what) {
        reader_.fail(id, where, fmt::format("{}.{}", name_, key), what);
    }

    Reader& reader_;
    const toml::table* table_ = nullptr;
    std::string name_;
    std::set<std::string, std::less<>> known_;
};

void read_server(Reader& reader, const toml::table& file, ServerSettings& server) {
    Section section(reader, file, "server");
    section.host_name("hostname", server.hostname, Need::Mandatory);
    section.list("listen", server.listen, &Endpoint::parse, Need::Mandatory);
    section.choice<smtp::Protocol>(
        "protocol", server.protocol,
        {{"smtp", smtp::Protocol::Smtp}, {"lmtp", smtp::Protocol::Lmtp}});
    section.text("tls_certificate", server.tls_certificate);
    section.text("tls_key", server.tls_key);
    section.list("relay_from", server.relay_from, &Network::parse);
    section.number("size_limit", server.size_limit, 1'000, std::int64_t{1} << 30);
    section.number("max_connections", server.max_connections, 1, 10'000);
    section.seconds("command_timeout_seconds", server.command_timeout);
    section.finish();
    if (server.tls_certificate.empty() != server.tls_key.empty()) {
        reader.fail_at("mta.config.value", 0, "server.tls_certificate and server.tls_key",
                       "give both or neither");
    }
}

void read_client(Reader& reader, const toml::table& file, ClientSettings& client) {
    Section section(reader, file, "client");
    section.host_name("helo", client.helo);
    section.text("ca_file", client.ca_file);
    section.number("port", client.port, 1, 65'535);
    section.seconds("connect_timeout_seconds", client.connect_timeout);
    section.seconds("command_timeout_seconds", client.command_timeout);
    section.number("max_deliveries", client.max_deliveries, 1, 1'000);
    section.finish();
}

void read_others(Reader& reader, const toml::table& file, Config& config) {
    Section dns(reader, file, "dns");
    dns.text("resolver", config.dns.resolver);
    dns.text("trust_anchor_file", config.dns.trust_anchor_file);
    dns.finish();

    Section queue(reader, file, "queue");
    queue.text("directory", config.queue.directory, Need::Mandatory);
    queue.seconds("retry_seconds", config.queue.retry);
    queue.seconds("lifetime_seconds", config.queue.lifetime);
    queue.finish();

    Section policy(reader, file, "policy");
    policy.choice<requiretls::Edition>(
        "edition", config.edition,
        {{"rfc", requiretls::Edition::Rfc}, {"draft", requiretls::Edition::Draft}});
    policy.finish();
}

Result<smtp::Path> parse_target(std::string_view text) {
    auto path = smtp::parse_address(text);
    if (path) return path;
    return std::unexpected(
        Error{.id = "mta.config.address",
              .detail = fmt::format("\"{}\" is no mail address", base::escape(text, 60))});
}

void read_aliases(Reader& reader, const toml::table& file, std::vector<Alias>& aliases) {
    Section section(reader, file, "aliases");
    for (const std::string& key : section.keys()) {
        const bool is_postmaster = base::equals_ignore_case(key, "postmaster");
        const Result<smtp::Path> name =
            is_postmaster ? smtp::Path{.local_part = key, .domain = ""} : parse_target(key);
        if (!name) {
            reader.fail("mta.config.value", *file["aliases"][key].node(), "aliases",
                        name.error().detail);
            return;
        }
        Alias alias{.name = *name, .targets = {}};
        section.list(key, alias.targets, &parse_target, Need::Mandatory);
        aliases.push_back(std::move(alias));
    }
    section.finish();
}

void read_address(Section& section, std::string_view key, smtp::Path& path) {
    std::vector<smtp::Path> one;
    section.value(key, one, &parse_target, Need::Mandatory);
    if (!one.empty()) path = std::move(one.front());
}

// Calls read(table, address, entry) for each entry of the table `name`, whose keys are addresses.
template <class Read>
void read_by_address(Reader& reader, const toml::table& file, std::string_view name, Read read) {
    Section section(reader, file, name);
    const toml::table* table = file[name].as_table();
    for (const std::string& key : section.keys()) {
        const auto address = parse_target(key);
        if (!address) {
            reader.fail("mta.config.value", *table->get(key), name, address.error().detail);
            return;
        }
        read(*table, *address, key);
    }
}

void read_mediators(Reader& reader, const toml::table& file, Config& config) {
    read_by_address(reader, file, "lists", [&](const auto& table, const auto& address, auto& key) {
        List list{.name = address, .owner = {}, .members = {}};
        Section section(reader, table, key);
        read_address(section, "owner", list.owner);
        section.list("members", list.members, &parse_target, Need::Mandatory);
        section.choice<Posting>("posting", list.posting,
                                {{"open", Posting::Open}, {"moderated", Posting::Moderated}});
        section.finish();
        config.lists.push_back(std::move(list));
    });
    Section forwards(reader, file, "forwards");
    read_by_address(reader, file, "forwards", [&](const auto&, const auto& address, auto& key) {
        Forward forward{.name = address, .target = {}};
        read_address(forwards, key, forward.target);
        config.forwards.push_back(std::move(forward));
    });
    read_by_address(reader, file, "vacations",
                    [&](const auto& table, const auto& address, auto& key) {
                        Vacation vacation{.name = address, .deputy = {}, .text = {}};
                        Section section(reader, table, key);
                        read_address(section, "deputy", vacation.deputy);
                        section.text("text", vacation.text, Need::Mandatory);
                        section.finish();
                        config.vacations.push_back(std::move(vacation));
                    });
}

void read_stores(Reader& reader, const toml::table& file, std::vector<Store>& stores) {
    Section domains(reader, file, "stores");
    for (const std::string& domain : domains.keys()) {
        Store store{.domain = domain, .host = {}, .address = {}};
        Section section(reader, *file["stores"].as_table(), domain);
        section.host_name("host", store.host, Need::Mandatory);
        std::vector<Endpoint> address;
        section.value("address", address, &Endpoint::parse, Need::Mandatory);
        section.finish();
        if (!address.empty()) store.address = std::move(address.front());
        stores.push_back(std::move(store));
    }
}

void read_services(Reader& reader, const toml::table& file, Config& config) {
    Section submission(reader, file, "submission");
    submission.list("listen", config.submission, &Endpoint::parse);
    submission.finish();
    Section lmtp(reader, file, "lmtp");
    lmtp.list("listen", config.lmtp, &Endpoint::parse);
    lmtp.finish();
    Section users(reader, file, "users");
    for (const std::string& name : users.keys()) {
        User user{.name = name, .password = {}};
        users.text(name, user.password, Need::Mandatory);
        config.users.push_back(std::move(user));
    }
    users.finish();
    // Passwords are taken inside TLS only.
    if (!config.submission.empty() && config.server.tls_certificate.empty()) {
        reader.fail_at("mta.config.value", 0, "submission", "needs server.tls_certificate");
    }
}

void refuse_unknown_tables(Reader& reader, const toml::table& file) {
    static const std::set<std::string_view> tables = {
        "server",    "submission", "lmtp", "users", "aliases", "lists", "forwards",
        "vacations", "client",     "dns",  "queue", "policy",  "stores"};
    for (const auto& [key, node] : file) {
        if (!tables.contains(key.str())) {
            reader.fail_at(
                "mta.config.unknown-key", key.source().begin.line, base::escape(key.str(), 60),
                "unknown table (known: server, submission, lmtp, users, aliases, lists, forwards, "
                "vacations, stores, client, dns, queue, policy)");
        }
    }
}

}  // namespace

Result<Network> Network::parse(std::string_view text) {
    const auto fail = [text] {
        return std::unexpected(
            Error{.id = "mta.config.network",
                  .detail = fmt::format("\"{}\" is no address range such as \"127.0.0.0/8\"",
                                        base::escape(text, 60))});
    };
    const std::size_t slash = text.find('/');
    Network network;
    network.octets_ = address_octets(text.substr(0, slash));
    if (network.octets_.empty()) return fail();
    network.prefix_bits_ = network.octets_.size() * 8;
    if (slash == std::string_view::npos) return network;
    const auto bits = base::parse_decimal(text.substr(slash + 1), 3);
    if (!bits || *bits > network.prefix_bits_) return fail();
    network.prefix_bits_ = static_cast<std::size_t>(*bits);
    return network;
}

bool Network::contains(std::string_view address) const {
    const std::string octets = address_octets(address);
    if (octets.size() != octets_.size()) return false;
    for (std::size_t bit = 0; bit < prefix_bits_; ++bit) {
        const auto mask = static_cast<unsigned char>(0x80U >> (bit % 8));
        const auto difference = static_cast<unsigned char>(octets[bit / 8] ^ octets_[bit / 8]);
        if ((difference & mask) != 0) return false;
    }
    return true;
}

Result<Endpoint> Endpoint::parse(std::string_view text) {
    const auto fail = [text] {
        return std::unexpected(Error{
            .id = "mta.config.endpoint",
            .detail = fmt::format("\"{}\" is no endpoint such as \"127.0.0.25:25\" or \"[::1]:25\"",
                                  base::escape(text, 60))});
    };
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return fail();
    std::string_view address = text.substr(0, colon);
    const bool bracketed = address.starts_with('[') && address.ends_with(']');
    if (bracketed) address = address.substr(1, address.size() - 2);
    const auto port = base::parse_decimal(text.substr(colon + 1), 5);
    const std::size_t octets = address_octets(address).size();
    if (!port || *port > 65'535 || octets != (bracketed ? 16U : 4U)) return fail();
    return Endpoint{.address = std::string(address), .port = static_cast<std::uint16_t>(*port)};
}

std::string to_string(const Endpoint& endpoint) {
    const bool v6 = endpoint.address.find(':') != std::string::npos;
    return fmt::format("{}{}{}:{}", v6 ? "[" : "", endpoint.address, v6 ? "]" : "", endpoint.port);
}

bool Alias::is(const smtp::Path& path, std::string_view hostname) const {
    const std::string_view own = name.domain.empty() ? hostname : std::string_view(name.domain);
    const bool of_this_host = path.domain.empty() && name.domain.empty();
    return base::equals_ignore_case(path.local_part, name.local_part) &&
           (of_this_host || base::equals_ignore_case(path.domain, own));
}

const Store* find_store(const Config& config, std::string_view domain) {
    const auto found = std::ranges::find_if(config.stores, [&](const Store& store) {
        return base::equals_ignore_case(store.domain, domain);
    });
    return found == config.stores.end() ? nullptr : &*found;
}

bool same_address(const smtp::Path& one, const smtp::Path& other) {
    return base::equals_ignore_case(one.local_part, other.local_part) &&
           base::equals_ignore_case(one.domain, other.domain);
}

Result<Config> parse_config(std::string_view toml_text, std::string_view name) {
    Reader reader(name);
    Config config;
    config.server.relay_from = {Network::parse("127.0.0.0/8").value(),
                                Network::parse("::1").value()};
    try {
        const toml::table file = toml::parse(toml_text);
        refuse_unknown_tables(reader, file);
        read_server(reader, file, config.server);
        read_services(reader, file, config);
        read_aliases(reader, file, config.aliases);
        read_mediators(reader, file, config);
        read_stores(reader, file, config.stores);
        read_client(reader, file, config.client);
        read_others(reader, file, config);
    } catch (const toml::parse_error& error) {
        reader.fail_at("mta.config.syntax", error.source().begin.line, "syntax",
                       base::escape(error.description(), 200));
    }
    if (reader.error()) return std::unexpected(*reader.error());
    if (config.client.helo.empty()) config.client.helo = config.server.hostname;
    return config;
}

Result<Config> load_config(const std::string& path) {
    constexpr std::size_t limit = 1'048'576;
    const auto octets = read_whole_file(path, limit);
    if (!octets) {
        return std::unexpected(
            Error{.id = "mta.config.unreadable", .detail = octets.error().detail});
    }
    return parse_config(*octets, path);
}

}  // namespace mailassay::mta
