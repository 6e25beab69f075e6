// The body of a function that runs in Thunderbird's main window.
// Arguments: base64 of each certificate to trust as an authority.
// Returns: the version of the program.
const database = Cc["@mozilla.org/security/x509certdb;1"].getService(Ci.nsIX509CertDB);
for (const root of arguments) {
  database.addCertFromBase64(root, "CT,CT,CT");
}
return Services.appinfo.version;
