"""The mailbox in a browser, and the same as JSON for tests and scripts."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Flask, Response, abort, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from .letters import Letters
from .smtp import Rules


def create_app(letters: Letters, rules: Rules) -> Flask:
    app = Flask(__name__)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters["local"] = local

    @app.after_request
    def headers(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = (
            "default-src 'none'; style-src 'self'; form-action 'self'"
        )
        response.headers["Cache-Control"] = "no-store"
        return response

    @app.get("/")
    def inbox() -> str:
        recipient = request.args.get("to", "")
        return render_template("inbox.html", letters=letters.find(recipient), to=recipient, rules=rules)

    @app.get("/letters/<int:number>")
    def letter(number: int) -> str:
        found = letters.get(number) or abort(404)
        return render_template("letter.html", letter=found)

    @app.get("/letters/<int:number>/attachments/<int:index>")
    def attachment(number: int, index: int) -> Response:
        found = letters.get(number) or abort(404)
        if index >= len(found.attachments):
            abort(404)
        file = found.attachments[index]
        answer = Response(file.data, mimetype="application/octet-stream")
        answer.headers.set("Content-Disposition", "attachment", filename=file.name)
        return answer

    @app.post("/rules")
    def set_rules() -> AnyResponse:
        rules.refuse = _words(request.form.get("refuse", ""))
        rules.delay = _words(request.form.get("delay", ""))
        rules.down = "down" in request.form
        return redirect("/", 303)

    @app.post("/clear")
    def clear() -> AnyResponse:
        letters.clear()
        return redirect("/", 303)

    @app.get("/api/letters")
    def api_letters() -> Response:
        return jsonify([found.as_json() for found in letters.find(request.args.get("to", ""))])

    @app.post("/api/rules")
    def api_rules() -> Response:
        wanted = request.get_json()
        rules.clear()
        rules.refuse, rules.delay = set(wanted.get("refuse", [])), set(wanted.get("delay", []))
        rules.drop_after_data = int(wanted.get("drop_after_data", 0))
        rules.slow, rules.down = float(wanted.get("slow", 0)), bool(wanted.get("down", False))
        return jsonify(ok=True)

    @app.post("/api/clear")
    def api_clear() -> Response:
        letters.clear()
        rules.clear()
        return jsonify(ok=True)

    return app


def local(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(ZoneInfo("Asia/Tokyo")).strftime("%Y/%m/%d %H:%M:%S")


def _words(text: str) -> set[str]:
    return {word.strip().lower() for word in text.replace("\n", ",").split(",") if word.strip()}
