"""What UBL files say, in the words of the cases: amounts by name."""
import os
import xml.etree.ElementTree as ET
from decimal import Decimal

CBC = "{urn:oasis:names:specification:ubl:schema:xsd:" \
    "CommonBasicComponents-2}"
CAC = CBC.replace("Basic", "Aggregate")
SELLER = {"connector": "ubl", "name": "Winkel B.V.",
          "address": "Dorpsstraat 1", "postcode": "1234 AB",
          "city": "Utrecht", "vat_number": "NL000099998B57",
          "kvk": "12345678", "iban": "NL91ABNA0417164300"}


def amount(element, name):
    return Decimal(element.findtext(CBC + name) or 0)


def read(folder):
    """{reference: (day, {what: amount}, text)}"""
    out = {}
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), encoding="utf-8") as f:
            text = f.read()
        root, said = ET.fromstring(text.encode()), {}
        for t in root.iter(CAC + "TaxSubtotal"):
            kind = t.find(CAC + "TaxCategory")
            key = "%s %s" % (kind.findtext(CBC + "ID"),
                             kind.findtext(CBC + "Percent") or "-")
            said[key] = amount(t, "TaxableAmount")
            said[key + " VAT"] = amount(t, "TaxAmount")
        total = root.find(CAC + "LegalMonetaryTotal")
        for word, element in (("paid", "PrepaidAmount"), ("due",
                              "PayableAmount"), ("rounding",
                              "PayableRoundingAmount")):
            said[word] = amount(total, element)
        out[root.findtext(CBC + "ID")] = (
            root.findtext(CBC + "IssueDate"), said, text)
    return out
