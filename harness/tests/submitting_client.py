"""A submitting client of other making (smtplib), in one of several characters:

`submitting_client.py CHARACTER SERVER PORT CA_FILE SENDER RECIPIENT`, the message on
standard input.
"""

import smtplib
import ssl
import sys


def main(character: str, server: str, port: str, ca_file: str, sender: str, to: str) -> None:
    message = sys.stdin.buffer.read()
    if character == "idle":
        return
    context = ssl.create_default_context(cafile=ca_file)
    if character == "trusting":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    with smtplib.SMTP(server, int(port), timeout=10) as session:
        session.starttls(context=context)
        session.ehlo()
        session.login("roger", "test-only")
        if character != "careless" and not session.has_extn("requiretls"):
            sys.exit("REQUIRETLS is not offered")
        options = [] if character == "forgetful" else ["REQUIRETLS"]
        session.sendmail(sender, [to], message, mail_options=options)


if __name__ == "__main__":
    main(*sys.argv[1:])
