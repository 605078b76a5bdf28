"""What stands before two web nodes: nginx or Caddy, with the file of deploy/ as it is but for names, ports, keys."""

import shutil
import subprocess
from pathlib import Path

DEPLOY = Path(__file__).resolve().parent.parent / "deploy"
KINDS = ("nginx", "caddy")
HOST = "127.0.0.1"


class NotTheSame(Exception):
    """The file of deploy/ no longer has the line that is exchanged here: exchange its new one."""


def is_there(kind: str) -> bool:
    return shutil.which(kind) is not None


def command(kind: str, folder: Path, port: int, plain: int, nodes: list[int]) -> list[str]:
    """Write the file and the key into `folder`; answers how the program is started. It listens with TLS on `port`, and
    without on `plain`, where the simulated Zoom brings its news (it knows no key of ours)."""
    folder.mkdir(parents=True, exist_ok=True)
    certificate(folder)
    file = folder / "front.conf"
    file.write_text(
        _nginx(folder, port, plain, nodes) if kind == "nginx" else _caddy(folder, port, plain, nodes)
    )
    if kind == "nginx":
        return ["nginx", "-p", str(folder), "-c", str(file), "-e", str(folder / "front-error.log"),
                "-g", "daemon off;"]  # fmt: skip
    return ["caddy", "run", "--config", str(file), "--adapter", "caddyfile"]


def certificate(folder: Path) -> Path:
    """For this machine's address, signed by itself; made once."""
    made = folder / "front.pem"
    if not made.exists():
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={HOST}",
             "-addext", f"subjectAltName=IP:{HOST}", "-keyout", str(folder / "front.key"), "-out", str(made)],
            check=True, capture_output=True,
        )  # fmt: skip
    return made


def _nginx(folder: Path, port: int, plain: int, nodes: list[int]) -> str:
    text = exchanged(
        (DEPLOY / "nginx.conf").read_text(),
        {
            "server 10.0.0.11:8000": f"server {HOST}:{nodes[0]}",
            "server 10.0.0.12:8000": f"server {HOST}:{nodes[1]}",
            "    listen 443 ssl http2;": f"    listen {HOST}:{port} ssl http2;",
            "    listen [::]:443 ssl http2;\n": "",
            "    listen 80;": f"    listen {HOST}:{plain};",
            "    listen [::]:80;\n": "",
            "mensetsu.example.co.jp;": f"{HOST};",
            "/etc/letsencrypt/live/mensetsu.example.co.jp/fullchain.pem": str(folder / "front.pem"),
            "/etc/letsencrypt/live/mensetsu.example.co.jp/privkey.pem": str(folder / "front.key"),
            # Here plain HTTP is the way of Zoom's news; on a server it is sent to HTTPS.
            "return 301 https://$host$request_uri;": (
                "location / { proxy_pass http://mensetsu; proxy_set_header Host $host;"
                " proxy_set_header X-Forwarded-Proto https; proxy_next_upstream error; }"
            ),
        },
    )
    kept = "".join(f"{name}_temp_path {folder}/{name};\n" for name in
                   ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))  # fmt: skip
    return (
        f"pid {folder}/front.pid;\nerror_log {folder}/front-error.log;\nworker_processes 1;\n"
        f"events {{ worker_connections 256; }}\nhttp {{\n{kept}{text}\n}}\n"
    )


def _caddy(folder: Path, port: int, plain: int, nodes: list[int]) -> str:
    text = exchanged(
        (DEPLOY / "Caddyfile").read_text(),
        {
            "10.0.0.11:8000 10.0.0.12:8000": " ".join(f"{HOST}:{node}" for node in nodes),
            "mensetsu.example.co.jp {": (
                f"https://{HOST}:{port} {{\n\ttls {folder}/front.pem {folder}/front.key"
            ),
            "Host mensetsu.example.co.jp": f"Host {HOST}",
        },
    )
    options = f"{{\n\tadmin off\n\tauto_https disable_redirects\n\tstorage file_system {folder}/caddy\n}}\n"
    news = (
        f"http://{HOST}:{plain} {{\n\treverse_proxy {HOST}:{nodes[0]} {HOST}:{nodes[1]} {{\n"
        "\t\tlb_try_duration 3s\n\t\theader_up X-Forwarded-Proto https\n\t}\n}\n"
    )
    return options + text + news


def exchanged(text: str, pairs: dict[str, str]) -> str:
    """Refuses NotTheSame when something that is to be exchanged is not there."""
    for old, new in pairs.items():
        if old not in text:
            raise NotTheSame(old)
        text = text.replace(old, new)
    return text
