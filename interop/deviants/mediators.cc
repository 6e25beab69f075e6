#include "deviant.h"

// Wrong in what a mediator originates; whatever only passes through is handled right.
namespace mailassay::deviants {
namespace {

using requiretls::Mediator;
using requiretls::StandardRules;
using requiretls::Tag;

// What this mediator originates from a message of the tag `incoming` is tagged `wrongly`.
template <Mediator mediator, Tag incoming, Tag wrongly>
class Reoriginates final : public StandardRules {
  public:
    using StandardRules::StandardRules;
    Tag tag_of_reoriginated(Mediator who, Tag tag) const override {
        const bool wrong = who == mediator && tag == incoming;
        return wrong ? wrongly : StandardRules::tag_of_reoriginated(who, tag);
    }
};

template <Mediator mediator>
using ForgetsTheTag = Reoriginates<mediator, Tag::Required, Tag::None>;
template <Mediator mediator>
using ForgetsTheField = Reoriginates<mediator, Tag::Optional, Tag::None>;

}  // namespace

std::vector<Deviant> mediator_deviants() {
    return {
        deviant<ForgetsTheTag<Mediator::List>>(
            "list-forgets-the-tag", "Sends a tagged post to a list's members as ordinary mail.",
            "rfc8689/6/1"),
        deviant<ForgetsTheField<Mediator::List>>(
            "list-forgets-the-field",
            "Holds a post with the field to what the members' domains demand.", "rfc8689/6/1"),
        deviant<Reoriginates<Mediator::List, Tag::None, Tag::Required>>(
            "list-tags-every-post", "Sends every post to a list's members with REQUIRETLS.",
            "rfc8689/2/6"),
        deviant<ForgetsTheTag<Mediator::ListAdministration>>(
            "list-administration-forgets-the-tag",
            "A list's requests for confirmation and approval are never tagged.", "rfc8689/6/1"),
        deviant<ForgetsTheField<Mediator::ListAdministration>>(
            "list-administration-forgets-the-field",
            "A list's requests for confirmation and approval never have the field.", "rfc8689/6/1"),
        deviant<ForgetsTheTag<Mediator::AutoReply>>(
            "vacation-forgets-the-tag", "Answers tagged mail by an ordinary vacation notice.",
            "rfc8689/6/1", rfc_only),
        deviant<ForgetsTheField<Mediator::AutoReply>>(
            "vacation-forgets-the-field",
            "Answers mail with the field by an ordinary vacation notice.", "rfc8689/6/1", rfc_only),
        deviant<Reoriginates<Mediator::UserForward, Tag::None, Tag::None>>(
            "forward-never-asks", "Forwards a user's untagged mail without REQUIRETLS.",
            "rfc8689/6/2", rfc_only),
        deviant<Reoriginates<Mediator::UserForward, Tag::Optional, Tag::Required>>(
            "forward-overrules-the-field", "Forwards mail that has the field with REQUIRETLS.",
            "rfc8689/6/2", rfc_only),
    };
}

}  // namespace mailassay::deviants
