// Bouncy Castle as one that encrypts and decrypts. A line in:
//   encrypt CIPHER CONTENT CERTIFICATE,...   base64; certificates in PEM
//   decrypt CMS CERTIFICATE KEY              base64; both in PEM, the key as PKCS#8
// A line out: "done BASE64", "refused REASON", "not-a-recipient REASON" or "unreadable REASON".

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Security;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.Map;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.cms.CMSAlgorithm;
import org.bouncycastle.cms.CMSAuthEnvelopedData;
import org.bouncycastle.cms.CMSAuthEnvelopedDataGenerator;
import org.bouncycastle.cms.CMSEnvelopedData;
import org.bouncycastle.cms.CMSEnvelopedDataGenerator;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.Recipient;
import org.bouncycastle.cms.RecipientInfoGenerator;
import org.bouncycastle.cms.RecipientInformation;
import org.bouncycastle.cms.RecipientInformationStore;
import org.bouncycastle.cms.jcajce.JceCMSContentEncryptorBuilder;
import org.bouncycastle.cms.jcajce.JceKeyAgreeEnvelopedRecipient;
import org.bouncycastle.cms.jcajce.JceKeyAgreeRecipientId;
import org.bouncycastle.cms.jcajce.JceKeyAgreeRecipientInfoGenerator;
import org.bouncycastle.cms.jcajce.JceKeyTransAuthEnvelopedRecipient;
import org.bouncycastle.cms.jcajce.JceKeyTransEnvelopedRecipient;
import org.bouncycastle.cms.jcajce.JceKeyTransRecipientId;
import org.bouncycastle.cms.jcajce.JceKeyTransRecipientInfoGenerator;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.OutputAEADEncryptor;
import org.bouncycastle.operator.OutputEncryptor;

public class Envelope {
    private static final String PROVIDER = "BC";
    private static final Map<String, ASN1ObjectIdentifier> CIPHERS = Map.of(
        "aes-128-cbc", CMSAlgorithm.AES128_CBC, "aes-256-cbc", CMSAlgorithm.AES256_CBC,
        "aes-128-gcm", CMSAlgorithm.AES128_GCM, "aes-256-gcm", CMSAlgorithm.AES256_GCM);

    public static void main(String[] arguments) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        BufferedReader in =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            System.out.println(answer(line.split(" ", -1)).replace('\n', ' '));
            System.out.flush();
        }
    }

    private static String answer(String[] words) {
        if (words[0].equals("encrypt")) {
            try {
                return "done " + coded(encrypt(words[1], decoded(words[2]), words[3]));
            } catch (Exception problem) {
                return "refused " + problem;
            }
        }
        byte[] cms = decoded(words[1]);
        try {
            return decrypt(cms, certificate(words[2]), key(words[3], certificate(words[2])));
        } catch (Exception problem) {
            return "unreadable " + problem;
        }
    }

    private static byte[] encrypt(String cipher, byte[] content, String recipients)
        throws Exception {
        ASN1ObjectIdentifier algorithm = CIPHERS.get(cipher);
        OutputEncryptor encryptor =
            new JceCMSContentEncryptorBuilder(algorithm).setProvider(PROVIDER).build();
        CMSProcessableByteArray data = new CMSProcessableByteArray(content);
        if (cipher.endsWith("gcm")) {
            CMSAuthEnvelopedDataGenerator generator = new CMSAuthEnvelopedDataGenerator();
            for (String each : recipients.split(",")) {
                generator.addRecipientInfoGenerator(recipient(certificate(each)));
            }
            return generator.generate(data, (OutputAEADEncryptor) encryptor).getEncoded();
        }
        CMSEnvelopedDataGenerator generator = new CMSEnvelopedDataGenerator();
        for (String each : recipients.split(",")) {
            generator.addRecipientInfoGenerator(recipient(certificate(each)));
        }
        return generator.generate(data, encryptor).getEncoded();
    }

    private static RecipientInfoGenerator recipient(X509Certificate certificate) throws Exception {
        if (!(certificate.getPublicKey() instanceof ECPublicKey)) {
            return new JceKeyTransRecipientInfoGenerator(certificate).setProvider(PROVIDER);
        }
        KeyPairGenerator keys = KeyPairGenerator.getInstance("EC", PROVIDER);
        keys.initialize(((ECPublicKey) certificate.getPublicKey()).getParams());
        KeyPair ephemeral = keys.generateKeyPair();
        return new JceKeyAgreeRecipientInfoGenerator(
            CMSAlgorithm.ECDH_SHA256KDF, ephemeral.getPrivate(), ephemeral.getPublic(),
            CMSAlgorithm.AES256_WRAP).addRecipient(certificate).setProvider(PROVIDER);
    }

    private static String decrypt(byte[] cms, X509Certificate certificate, PrivateKey key)
        throws Exception {
        RecipientInformationStore recipients;
        boolean authenticated = false;
        try {
            recipients = new CMSEnvelopedData(cms).getRecipientInfos();
        } catch (CMSException | RuntimeException problem) {
            recipients = new CMSAuthEnvelopedData(cms).getRecipientInfos();
            authenticated = true;
        }
        boolean agreed = certificate.getPublicKey() instanceof ECPublicKey;
        Collection<RecipientInformation> found = agreed
            ? recipients.getRecipients(new JceKeyAgreeRecipientId(certificate))
            : recipients.getRecipients(new JceKeyTransRecipientId(certificate));
        if (found.isEmpty()) {
            return "not-a-recipient none of " + recipients.size();
        }
        return "done " + coded(found.iterator().next().getContent(
            opener(key, agreed, authenticated)));
    }

    private static Recipient opener(PrivateKey key, boolean agreed, boolean authenticated) {
        if (agreed && authenticated) {
            throw new UnsupportedOperationException("1.72 agrees on no key of AuthEnvelopedData");
        }
        if (agreed) {
            return new JceKeyAgreeEnvelopedRecipient(key).setProvider(PROVIDER);
        }
        if (authenticated) {
            return new JceKeyTransAuthEnvelopedRecipient(key).setProvider(PROVIDER);
        }
        return new JceKeyTransEnvelopedRecipient(key).setProvider(PROVIDER);
    }

    private static X509Certificate certificate(String coded) throws Exception {
        return (X509Certificate) CertificateFactory.getInstance("X.509", PROVIDER)
            .generateCertificate(new ByteArrayInputStream(decoded(coded)));
    }

    private static PrivateKey key(String coded, X509Certificate certificate) throws Exception {
        String pem = new String(decoded(coded), StandardCharsets.US_ASCII);
        String block = pem.substring(pem.indexOf("-----BEGIN"));
        byte[] octets = Base64.getMimeDecoder().decode(block.replaceAll("-----[A-Z ]+-----", ""));
        return KeyFactory.getInstance(certificate.getPublicKey().getAlgorithm(), PROVIDER)
            .generatePrivate(new PKCS8EncodedKeySpec(octets));
    }

    private static byte[] decoded(String text) {
        return Base64.getDecoder().decode(text);
    }

    private static String coded(byte[] octets) {
        return Base64.getEncoder().encodeToString(octets);
    }
}
