"""The texts that an import takes, which JSON Schema cannot describe: for Schemathesis (SCHEMATHESIS_HOOKS)."""

import json

import schemathesis
from hypothesis import strategies as st

# Whatever somebody may be called, and what is nothing to any of the formats.
NAMES = st.lists(st.text(max_size=120), min_size=1, max_size=4)
NOISE = st.sampled_from(["", "\r\n", "\ufeff", "nonsense\n", "BEGIN:VCARD\n", '"', "{}\n"])


def ndjson(name):
    return json.dumps({"names": {"given": name}}) + "\n"


def csv(name):
    return '"' + name.replace('"', '""') + '"\r\n'


def vcard(name):
    escaped = name.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;").replace("\n", "\\n").replace("\r", "")
    return f"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:{escaped}\r\nEND:VCARD\r\n"


def texts(first, one):
    def text(names, noise):
        return (first + "".join(map(one, names)) + noise).encode(errors="replace")

    return st.builds(text, NAMES, NOISE)


schemathesis.openapi.media_type("application/x-ndjson", texts("", ndjson))
schemathesis.openapi.media_type("text/csv", texts("/names/given\r\n", csv))
schemathesis.openapi.media_type("text/vcard", texts("", vcard))
