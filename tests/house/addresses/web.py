"""The addresses of web: the index of settings, and what machines ask."""

ADDRESSES = {
    "web:settings": None,
    "web:healthz": None,
    "web:readyz": None,
    "web:metrics": None,
    "web:robots": None,
}
