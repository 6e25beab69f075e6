// Bouncy Castle on countersignatures (RFC 5652 section 11.4). The first argument is what to do with
// the ContentInfo in base64 on standard input:
//   verify            a line for each countersignature on the first signer, and for each on that:
//                     "good" or "bad"
//   sign CERT KEY     the ContentInfo in base64 with one more, by a certificate and a PKCS#8 key, PEM
//   chain CERT KEY    likewise with one more on its first countersignature

import java.io.FileInputStream;
import java.io.FileReader;
import java.security.PrivateKey;
import java.security.Security;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import org.bouncycastle.asn1.cms.CMSAttributes;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.SignerInformationStore;
import org.bouncycastle.cms.jcajce.JcaSignerInfoGeneratorBuilder;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.bouncycastle.util.CollectionStore;

public class Countersign {
    public static void main(String[] arguments) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        byte[] octets = Base64.getMimeDecoder().decode(System.in.readAllBytes());
        CMSSignedData signed = new CMSSignedData(octets);
        if (arguments[0].equals("verify")) {
            verify(signed, first(signed));
        } else {
            sign(signed, arguments[0].equals("chain"), arguments[1], arguments[2]);
        }
    }

    private static SignerInformation first(CMSSignedData signed) {
        return signed.getSignerInfos().getSigners().iterator().next();
    }

    private static void verify(CMSSignedData signed, SignerInformation on) throws Exception {
        for (SignerInformation each : on.getCounterSignatures().getSigners()) {
            Collection<X509CertificateHolder> found =
                signed.getCertificates().getMatches(each.getSID());
            boolean good = false;
            try {
                good = each.verify(
                    new JcaSimpleSignerInfoVerifierBuilder().build(found.iterator().next()));
            } catch (Exception problem) {
                System.err.println(problem);
            }
            System.out.println(good ? "good" : "bad");
            verify(signed, each);
        }
    }

    // With what stands on the first of its countersignatures in place of that.
    private static SignerInformation withFirst(SignerInformation on, SignerInformation changed) {
        SignerInformation without = SignerInformation.replaceUnsignedAttributes(
            on, on.getUnsignedAttributes().remove(CMSAttributes.counterSignature));
        return SignerInformation.addCounterSigners(without, new SignerInformationStore(changed));
    }

    private static void sign(
        CMSSignedData signed, boolean isChained, String certificateFile, String keyFile)
        throws Exception {
        X509Certificate certificate;
        try (FileInputStream in = new FileInputStream(certificateFile)) {
            certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(in);
        }
        PrivateKey key;
        try (PEMParser parser = new PEMParser(new FileReader(keyFile))) {
            key = new JcaPEMKeyConverter().getPrivateKey((PrivateKeyInfo) parser.readObject());
        }
        CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
        generator.addSignerInfoGenerator(
            new JcaSignerInfoGeneratorBuilder(new JcaDigestCalculatorProviderBuilder().build())
                .build(new JcaContentSignerBuilder("SHA256withRSA").build(key), certificate));
        SignerInformation drafter = first(signed);
        SignerInformation on = isChained
            ? drafter.getCounterSignatures().getSigners().iterator().next() : drafter;
        SignerInformation countersigned =
            SignerInformation.addCounterSigners(on, generator.generateCounterSigners(on));
        if (isChained) countersigned = withFirst(drafter, countersigned);
        CMSSignedData made = CMSSignedData.replaceSigners(
            signed, new SignerInformationStore(countersigned));
        List<X509CertificateHolder> certificates =
            new ArrayList<>(signed.getCertificates().getMatches(null));
        certificates.addAll(new JcaCertStore(List.of(certificate)).getMatches(null));
        made = CMSSignedData.replaceCertificatesAndCRLs(
            made, new CollectionStore<>(certificates), signed.getAttributeCertificates(),
            signed.getCRLs());
        System.out.println(Base64.getMimeEncoder().encodeToString(made.getEncoded()));
    }
}
