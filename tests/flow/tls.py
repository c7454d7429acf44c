#!/usr/bin/python3
"""tls.py FOLDER - a CA of the test's own and a certificate for 127.0.0.1.

Makes ca.pem, cert.pem and key.pem in FOLDER (if they are not there), with
the openssl command.  salesync takes ca.pem as its ca_file.
"""
import os
import ssl
import subprocess
import sys

EC = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


def openssl(*args):
    subprocess.run(["openssl"] + list(args), check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def make(folder):
    """The paths of ca.pem, cert.pem and key.pem."""
    path = {n: os.path.join(folder, n) for n in
            ("ca.pem", "ca.key", "cert.pem", "key.pem", "csr.pem", "ext.cnf")}
    os.makedirs(folder, mode=0o700, exist_ok=True)
    if not all(os.path.exists(path[n]) for n in
               ("ca.pem", "cert.pem", "key.pem")):
        with open(path["ext.cnf"], "w", encoding="ascii") as f:
            f.write("subjectAltName=DNS:localhost,IP:127.0.0.1\n"
                    "basicConstraints=CA:FALSE\n")
        openssl("req", "-x509", *EC, "-days", "3650", "-subj",
                "/CN=salesync test CA", "-keyout", path["ca.key"],
                "-out", path["ca.pem"])
        openssl("req", *EC, "-subj", "/CN=localhost", "-keyout",
                path["key.pem"], "-out", path["csr.pem"])
        openssl("x509", "-req", "-in", path["csr.pem"], "-CA",
                path["ca.pem"], "-CAkey", path["ca.key"], "-set_serial", "2",
                "-days", "3650", "-extfile", path["ext.cnf"], "-out",
                path["cert.pem"])
        for name in ("csr.pem", "ext.cnf"):
            os.unlink(path[name])
    return path["ca.pem"], path["cert.pem"], path["key.pem"]


def server_context(cert, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(cert, key)
    return context


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print(*make(sys.argv[1]), sep="\n")
