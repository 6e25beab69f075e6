#include "simulate/render.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

namespace mailassay::simulate {

namespace {

struct Curve {
    std::string_view name;
    std::string_view colour;
    double (*value)(const Outcome&);
};

const std::vector<Curve>& curves() {
    static const std::vector<Curve> all = {
        {"tagged mail that arrives", "#1b6ca8",
         [](const Outcome& o) { return share(o.tagged.arrived, o.tagged.messages); }},
        {"the same, between adopters", "#3a9d5d",
         [](const Outcome& o) {
             return share(o.tagged.arrived_between_adopters, o.tagged.between_adopters);
         }},
        {"bounces of tagged mail that arrive", "#c0562b",
         [](const Outcome& o) { return share(o.tagged.reports_arrived, o.tagged.reports); }},
        {"other mail that arrives", "#777777",
         [](const Outcome& o) { return share(o.plain.arrived, o.plain.messages); }},
    };
    return all;
}

std::string assumptions_of(const Assumptions& a) {
    return fmt::format(
        "Adoption: the domains whose servers offer REQUIRETLS and whose users send with it; {}%\n"
        "  of them sign their zone or enforce MTA-STS, {}% of their backup hosts lag behind.\n"
        "Domains: 70% have one MX host, 20% two, 10% three; {}% sign their zone ({}% of these "
        "publish\n"
        "  TLSA), {}% have an MTA-STS policy ({}% of these in testing mode). Of the others' "
        "domains\n"
        "  {}% offer STARTTLS, {}% of the hosts have a trusted certificate, {}% know TLS 1.1 "
        "only.\n"
        "Mail: {}% tagged, from adopters to anybody; {}% says TLS is optional; {}% goes to a\n"
        "  forwarding alias, {}% to a list of three, each perhaps followed by further hops.\n"
        "Faults: {}% of connections refused, {}% of sessions answered 451, {}% of handshakes and\n"
        "  {}% of lookups fail, {}% of connections and of lookups are attacked, {}% of receipts "
        "and\n"
        "  rounds crash. Retried every {} minutes, given up after {} hours.\n",
        a.prepared, a.lagging, a.dnssec, a.dane, a.mta_sts, a.testing, a.starttls, a.certificates,
        a.old_tls, a.tagged, a.optional, a.forwarded, a.lists, a.refused_connections,
        a.temporary_failures, a.failed_handshakes, a.failed_lookups, a.attacks, a.crashes,
        retry.count(), lifetime.count());
}

nlohmann::ordered_json to_value(const Tally& tally) {
    return {{"messages", tally.messages},
            {"arrived", tally.arrived},
            {"failed", tally.failed},
            {"intercepted", tally.intercepted},
            {"between_adopters", tally.between_adopters},
            {"arrived_between_adopters", tally.arrived_between_adopters},
            {"reports", tally.reports},
            {"reports_arrived", tally.reports_arrived},
            {"reports_protected", tally.reports_protected},
            {"reports_expired", tally.reports_expired},
            {"reports_intercepted", tally.reports_intercepted}};
}

}  // namespace

double share(std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? 0 : 100 * static_cast<double>(part) / static_cast<double>(whole);
}

std::string to_table(const Setting& setting, std::span<const Point> points) {
    std::string text = fmt::format("{} servers of {} domains, {} messages a row, seed {}\n\n{}\n",
                                   setting.servers, setting.domains, setting.messages, setting.seed,
                                   assumptions_of(setting.assumptions));
    text +=
        "adoption   tagged mail   between      bounces of tagged mail          other mail\n"
        "           arrives       adopters     made  arrive  protected  lost   arrives\n";
    std::uint64_t checks = 0;
    for (const auto& [adoption, outcome] : points) {
        const Tally& tagged = outcome.tagged;
        text += fmt::format(
            "{:>7.4g}%  {:>11.1f}%  {:>8.1f}%  {:>9}  {:>5.1f}%  {:>8.1f}%  {:>4}  {:>8.1f}%\n",
            adoption, share(tagged.arrived, tagged.messages),
            share(tagged.arrived_between_adopters, tagged.between_adopters), tagged.reports,
            share(tagged.reports_arrived, tagged.reports),
            share(tagged.reports_protected, tagged.reports),
            tagged.reports_expired + tagged.reports_intercepted,
            share(outcome.plain.arrived, outcome.plain.messages));
        checks += outcome.checks;
    }
    text += fmt::format(
        "\nEach share is of messages: one with a copy that failed has not arrived. Lost bounces\n"
        "found no way back in time or fell to an attacker (a bounce is exempt from the steps).\n"
        "{} checks: no tagged message crossed an unfit hop, vanished, or was reported twice.\n",
        checks);
    return text;
}

std::string to_json(const Setting& setting, std::span<const Point> points) {
    const Assumptions& a = setting.assumptions;
    nlohmann::ordered_json value = {
        {"servers", setting.servers},
        {"domains", setting.domains},
        {"messages", setting.messages},
        {"seed", setting.seed},
        {"edition", setting.edition == requiretls::Edition::Rfc ? "rfc" : "draft"}};
    value["assumptions"] = {{"dnssec", a.dnssec},
                            {"mta_sts", a.mta_sts},
                            {"dane", a.dane},
                            {"testing", a.testing},
                            {"starttls", a.starttls},
                            {"certificates", a.certificates},
                            {"old_tls", a.old_tls},
                            {"prepared", a.prepared},
                            {"lagging", a.lagging},
                            {"forwarded", a.forwarded},
                            {"lists", a.lists},
                            {"tagged", a.tagged},
                            {"optional", a.optional},
                            {"refused_connections", a.refused_connections},
                            {"temporary_failures", a.temporary_failures},
                            {"failed_handshakes", a.failed_handshakes},
                            {"failed_lookups", a.failed_lookups},
                            {"attacks", a.attacks},
                            {"crashes", a.crashes}};
    value["points"] = nlohmann::ordered_json::array();
    for (const auto& [adoption, outcome] : points) {
        nlohmann::ordered_json point = {{"adoption", adoption},
                                        {"tagged", to_value(outcome.tagged)},
                                        {"plain", to_value(outcome.plain)},
                                        {"optional", to_value(outcome.optional)},
                                        {"hops", outcome.hops},
                                        {"connections", outcome.connections},
                                        {"crashes", outcome.crashes},
                                        {"checks", outcome.checks},
                                        {"most_under_way", outcome.most_under_way},
                                        {"violation", nullptr}};
        if (outcome.violation) {
            point["violation"] = {{"broken", describe(outcome.violation->broken)},
                                  {"message", outcome.violation->message},
                                  {"story", outcome.violation->story}};
        }
        value["points"].push_back(std::move(point));
    }
    return value.dump(2) + "\n";
}

std::string to_svg(const Setting& setting, std::span<const Point> points) {
    constexpr double left = 60, top = 50, width = 600, height = 360;
    const auto x = [](double adoption) { return left + width * adoption / 100; };
    const auto y = [](double value) { return top + height * (1 - value / 100); };
    std::string svg = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 700 560\" "
        "font-family=\"sans-serif\" font-size=\"13\">\n"
        "<rect width=\"700\" height=\"560\" fill=\"white\"/>\n"
        "<text x=\"{}\" y=\"28\" font-size=\"16\">What arrives as REQUIRETLS is adopted "
        "({} servers, seed {})</text>\n",
        left, setting.servers, setting.seed);
    for (int tick = 0; tick <= 100; tick += 20) {
        svg += fmt::format(
            "<line x1=\"{0}\" x2=\"{1}\" y1=\"{2}\" y2=\"{2}\" stroke=\"#dddddd\"/>\n"
            "<text x=\"{3}\" y=\"{4}\" text-anchor=\"end\">{5}%</text>\n"
            "<text x=\"{6}\" y=\"{7}\" text-anchor=\"middle\">{5}%</text>\n",
            left, left + width, y(tick), left - 8, y(tick) + 4, tick, x(tick), top + height + 20);
    }
    svg +=
        fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">domains that adopted</text>\n",
                    left + width / 2, top + height + 42);
    double legend = top + height + 66;
    for (const Curve& curve : curves()) {
        std::string path;
        for (const Point& point : points) {
            const double px = x(point.adoption);
            const double py = y(curve.value(point.outcome));
            path += fmt::format("{}{:.1f},{:.1f}", path.empty() ? "" : " ", px, py);
            svg += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\" fill=\"{}\"/>\n", px,
                               py, curve.colour);
        }
        svg += fmt::format(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\"/>\n"
            "<rect x=\"{}\" y=\"{}\" width=\"14\" height=\"4\" fill=\"{}\"/>\n"
            "<text x=\"{}\" y=\"{}\">{}</text>\n",
            path, curve.colour, left, legend - 6, curve.colour, left + 22, legend, curve.name);
        legend += 19;
    }
    return svg + "</svg>\n";
}

}  // namespace mailassay::simulate
