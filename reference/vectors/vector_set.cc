#include "vectors/vector_set.h"

#include "vectors/author.h"
#include "vectors/dca_author.h"

namespace mailassay::vectors {

VectorSet make_vectors(const Material& material) {
    VectorSet set;
    for (const Edition edition : {Edition::Rfc, Edition::Draft}) {
        const Author author(material, edition, set);
        add_signature_vectors(author);
        add_value_vectors(author);
        add_field_vectors(author);
        add_attribute_vectors(author);
        add_sign_vectors(author);
        add_wrapped_vectors(author);
        add_name_vectors(author);
        add_place_vectors(author);
    }
    return set;
}

DcaVectorSet make_dca_vectors(const Material& material) {
    DcaVectorSet set;
    for (const Edition edition : {Edition::Rfc, Edition::Draft}) {
        const DcaAuthor author(material, edition, set);
        add_condition_vectors(author);
        add_hiding_vectors(author);
        add_refusal_vectors(author);
        add_recipient_vectors(author);
        add_restoring_vectors(author);
        add_envelope_vectors(author);
        add_wrapping_vectors(author);
    }
    return set;
}

}  // namespace mailassay::vectors
