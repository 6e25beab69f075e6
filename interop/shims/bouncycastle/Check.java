// Bouncy Castle's word on CMS objects. A line in: base64 of the object, of its content ("-": it is
// within), of the roots one behind the other with commas, and the time in milliseconds. A line out:
// "good", "bad REASON" or "unreadable REASON".

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.Security;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

public class Check {
    private static final String PROVIDER = "BC";

    public static void main(String[] arguments) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        BufferedReader in =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            System.out.println(answer(line.split(" ")).replace('\n', ' '));
            System.out.flush();
        }
    }

    private static String answer(String[] words) {
        if (words[0].equals("version")) {
            return new BouncyCastleProvider().getInfo();
        }
        CMSSignedData signed;
        try {
            byte[] cms = Base64.getDecoder().decode(words[0]);
            signed = words[1].equals("-")
                ? new CMSSignedData(cms)
                : new CMSSignedData(
                    new CMSProcessableByteArray(Base64.getDecoder().decode(words[1].substring(1))),
                    cms);
        } catch (CMSException | RuntimeException problem) {
            return "unreadable " + problem;
        }
        try {
            Set<TrustAnchor> anchors = anchors(words[2]);
            Date time = new Date(Long.parseLong(words[3]));
            Collection<SignerInformation> signers = signed.getSignerInfos().getSigners();
            if (signers.isEmpty()) {
                return "unreadable no signer";
            }
            for (SignerInformation signer : signers) {
                String fault = check(signed, signer, anchors, time);
                if (fault != null) {
                    return "bad " + fault;
                }
            }
            return "good";
        } catch (Exception problem) {
            return "bad " + problem;
        }
    }

    private static String check(
        CMSSignedData signed, SignerInformation signer, Set<TrustAnchor> anchors, Date time)
        throws Exception {
        Collection<X509CertificateHolder> found = signed.getCertificates().getMatches(signer.getSID());
        if (found.isEmpty()) {
            return "the signer's certificate is not there";
        }
        X509CertificateHolder holder = found.iterator().next();
        boolean holds = signer.verify(
            new JcaSimpleSignerInfoVerifierBuilder().setProvider(PROVIDER).build(holder));
        if (!holds) {
            return "the signature does not hold";
        }
        JcaX509CertificateConverter converter =
            new JcaX509CertificateConverter().setProvider(PROVIDER);
        List<X509Certificate> sent = new ArrayList<>();
        for (X509CertificateHolder each : signed.getCertificates().getMatches(null)) {
            sent.add(converter.getCertificate(each));
        }
        X509CertSelector target = new X509CertSelector();
        target.setCertificate(converter.getCertificate(holder));
        PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, target);
        parameters.addCertStore(CertStore.getInstance(
            "Collection", new CollectionCertStoreParameters(sent), PROVIDER));
        parameters.setRevocationEnabled(false);
        parameters.setDate(time);
        CertPathBuilder.getInstance("PKIX", PROVIDER).build(parameters);
        return null;
    }

    private static Set<TrustAnchor> anchors(String listed) throws Exception {
        CertificateFactory factory = CertificateFactory.getInstance("X.509", PROVIDER);
        Set<TrustAnchor> anchors = new HashSet<>();
        for (String each : listed.split(",")) {
            byte[] pem = Base64.getDecoder().decode(each);
            anchors.add(new TrustAnchor(
                (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(pem)), null));
        }
        return anchors;
    }
}
