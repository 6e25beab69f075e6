#include "release/authorize.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

namespace mailassay::release {

namespace {

class Run {
  public:
    Run(const imf::HeaderSection& header, const Evidence& evidence, const Policy& policy,
        const Authorization& authorization, const Rules& rules)
        : header_(header),
          evidence_(evidence),
          policy_(policy),
          authorization_(authorization),
          rules_(rules) {}

    Outcome to_the_end() {
        Next next = Step::Origin;
        while (const Step* step = std::get_if<Step>(&next)) {
            outcome_.steps.push_back(*step);
            next = rules_.after(*step, found(*step), authorization_.edition);
        }
        outcome_.end = std::get<End>(next);
        finish();
        return std::move(outcome_);
    }

  private:
    Finding found(Step step) {
        switch (step) {
            case Step::Origin:
                return at_origin();
            case Step::OwnEntry:
                return at_own_entry();
            case Step::Review:
                return at_review();
            case Step::Entry:
                field_ = rules_.entered(field_, authorization_.user);
                is_changed_ = true;
                return Finding::Entered;
            case Step::Onward:
                return at_onward();
        }
        return Finding::DoubtHeld;
    }

    Finding at_origin() {
        const Finding finding = rules_.origin(evidence_, policy_);
        if (finding == Finding::SealedTold || finding == Finding::SealedHeld) {
            because("release.message.sealed");
        } else if (finding != Finding::Proven) {
            because(evidence_.origin == Origin::Contradicted ? "release.origin.contradicted"
                                                             : "release.origin.unproven");
        }
        return finding;
    }

    Finding at_own_entry() {
        auto field = rules_.read(field_bodies(header_), authorization_.edition);
        if (!field) {
            outcome_.reason = std::move(field.error());
            return Finding::Malformed;
        }
        field_ = field->value_or(Field{});
        const Finding finding = rules_.own_entry(field_, authorization_.user, evidence_, policy_);
        if (finding != Finding::Forged && finding != Finding::ForgedToAbuse) return finding;
        because("release.own-entry.forged");
        // The draft goes on without the field; the RFC ends here.
        field_ = {};
        is_changed_ = true;
        return finding;
    }

    Finding at_review() {
        const Finding finding = rules_.review(authorization_.decision);
        if (finding == Finding::Approved) {
            const auto who = rules_.officer(authorization_.user, policy_);
            if (!who) {
                because("release.user.not-an-officer");
                return Finding::NotEntitled;
            }
            authorized_ = rules_.authorized(field_, evidence_, policy_);
            if (authorization_.forward_to && !rules_.officer(*authorization_.forward_to, policy_)) {
                because("release.forward.not-an-officer");
                return Finding::NotEntitled;
            }
            if (!rules_.may_enter(*who, authorized_, policy_)) {
                because("release.user.out-of-turn");
                return Finding::NotEntitled;
            }
            authorized_.insert(*who);
        }
        if (finding == Finding::Rejected || finding == Finding::ThrownAway) {
            because("release.review.rejected");
        }
        return finding;
    }

    Finding at_onward() {
        // [rfc7912/3.3/19]
        const bool is_forwarded = authorization_.decision == Decision::Forward &&
                                  authorization_.forward_to.has_value() && is_changed_;
        // [rfc7912/7.1/1]: what others are said to have authorized counts once it is proven.
        if (!is_changed_) authorized_ = rules_.authorized(field_, evidence_, policy_);
        outcome_.next =
            is_forwarded ? authorization_.forward_to : rules_.next(authorized_, policy_);
        return outcome_.next ? Finding::Incomplete : Finding::Complete;
    }

    void finish() {
        const bool goes_on = outcome_.end == End::Released || outcome_.end == End::ToNext;
        if (goes_on) {
            outcome_.header = is_changed_ ? rules_.written(header_, field_) : header_;
        } else {
            outcome_.next.reset();
        }
        if (outcome_.end == End::Redrafted) {
            outcome_.header = rules_.written(header_, rules_.redrafted(field_));
        }
        if (outcome_.header) outcome_.reason.reset();
    }

    void because(std::string_view id) { outcome_.reason = Error{.id = id}; }

    const imf::HeaderSection& header_;
    const Evidence& evidence_;
    const Policy& policy_;
    const Authorization& authorization_;
    const Rules& rules_;
    Field field_ = {};
    Officers authorized_ = {};
    bool is_changed_ = false;
    Outcome outcome_ = {};
};

}  // namespace

bool Outcome::has_entered() const {
    return std::ranges::find(steps, Step::Entry) != steps.end();
}

Outcome authorize(const imf::HeaderSection& header, const Evidence& evidence, const Policy& policy,
                  const Authorization& authorization, const Rules& rules) {
    return Run(header, evidence, policy, authorization, rules).to_the_end();
}

std::vector<std::string> field_bodies(const imf::HeaderSection& header) {
    std::vector<std::string> bodies;
    for (const imf::HeaderField* field : header.find_all(field_name)) bodies.push_back(field->body);
    return bodies;
}

}  // namespace mailassay::release
