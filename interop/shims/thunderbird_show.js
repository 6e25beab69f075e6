// The body of an async function that runs in Thunderbird's main window: opens a message from a
// file in a tab, as a user does, and looks at what the header pane says of its signature.
// Arguments: path of the file, milliseconds until it gives up.
// Returns: what is on the screen; null when the message is not there in time.
const [path, patience] = arguments;
const deadline = Date.now() + patience;
const { MailUtils } = ChromeUtils.importESModule("resource:///modules/MailUtils.sys.mjs");
const { EnigmailVerify } = ChromeUtils.importESModule(
  "chrome://openpgp/content/modules/mimeVerify.sys.mjs"
);
const tabmail = document.getElementById("tabmail");

// Nothing announces all that has to be so, so it is asked again.
async function until(isSo) {
  while (!isSo()) {
    if (Date.now() > deadline) {
      return false;
    }
    await new Promise(resolve => window.setTimeout(resolve, 5));
  }
  return true;
}

// Only the first tab, that of the folders, is left open.
while (tabmail.tabInfo.length > 1) {
  tabmail.closeTab(tabmail.tabInfo[1], true);
}

// A certificate that came with a message before must not help this one.
const database = Cc["@mozilla.org/security/x509certdb;1"].getService(Ci.nsIX509CertDB);
for (const certificate of database.getCerts()) {
  if (certificate.certType & Ci.nsIX509Cert.EMAIL_CERT) {
    database.deleteCertificate(certificate);
  }
}

// Who is to look at multipart/signed, OpenPGP or S/MIME.  Thunderbird finds that out from the
// messages that it opens, and then loads the message once more.
const handler = EnigmailVerify.currentCtHandler;

const file = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
file.initWithPath(path);
MailUtils.openEMLFile(window, file, Services.io.newFileURI(file));

// The message is loaded, and every verification that was begun has told its result.
const isShown = pane =>
  tabmail.tabInfo.length == 2 &&
  pane?.gMessageURI?.includes(file.leafName) &&
  pane.gSmimeMsgLoadedFired &&
  pane.gReceivedSignatureCount >= pane.gExpectedSignatureCount;
if (!(await until(() => isShown(tabmail.currentAboutMessage)))) {
  return null;
}
const pane = tabmail.currentAboutMessage.document;
const seen = {
  settled: EnigmailVerify.currentCtHandler == handler,
  technology: null,
  icon: null,
  alt: null,
  label: null,
  header: null,
  explanation: null,
};
const isVisible = id => pane.getElementById(id).checkVisibility({ visibilityProperty: true });
const text = id => pane.getElementById(id).textContent.trim();
if (!isVisible("messageHeader")) {
  return null;
}
if (!isVisible("encryptionTechBtn")) {
  return seen;
}
const button = pane.getElementById("encryptionTechBtn");
seen.technology = button.textContent.trim();
if (isVisible("signedHdrIcon")) {
  const icon = pane.getElementById("signedHdrIcon");
  // Its text comes from another thread.
  if (!(await until(() => icon.alt))) {
    return null;
  }
  seen.icon = icon.src;
  seen.alt = icon.alt;
}
// What the button opens says in words what the icon means.
const panel = pane.getElementById("messageSecurityPanel");
button.click();
if (!(await until(() => panel.state == "open"))) {
  return null;
}
seen.label = text("signatureLabel");
seen.header = pane.getElementById("signatureHeader").collapsed ? "" : text("signatureHeader");
seen.explanation = text("signatureExplanation");
panel.hidePopup();
return (await until(() => panel.state == "closed")) ? seen : null;
