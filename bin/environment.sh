# Sourced by the other scripts: finds Python, makes the environments under the project, says in one sentence what is missing.
# Nothing outside the project's folder is changed here.

# Some machines switch byte code off; every command then starts three times slower.
unset PYTHONDONTWRITEBYTECODE

say() { printf '%s\n' "$*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }
step() { printf '  %-34s' "$1"; step_began=$(date +%s); }
done_step() { printf ' %s\n' "${1:-done} ($(( $(date +%s) - step_began )) s)"; }

find_python() {
    for candidate in "${MENSETSU_PYTHON:-}" python3.13 python3.12 python3.11 python3; do
        [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1 || continue
        if "$candidate" -c 'import sys; sys.exit(not ((3, 11) <= sys.version_info < (3, 14)))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    die "Python 3.11, 3.12 or 3.13 is needed and was not found: install it (Debian, Ubuntu: apt-get install python3 python3-pip) or name it in MENSETSU_PYTHON."
}

# environment NAME REQUIREMENTS: a virtual environment in NAME that holds exactly what REQUIREMENTS pins.
environment() {
    stamp="$1/.holds"
    wanted=$(cksum < "$2")
    if [ -x "$1/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
        return
    fi
    python=$(find_python) || exit 1
    log=$(mktemp)
    if [ ! -x .tools/bin/uv ]; then
        step "Installing the installer (uv)"
        if ! "$python" -m pip install -q --disable-pip-version-check --no-warn-script-location --require-hashes \
            --target .tools -r requirements/tools.txt >"$log" 2>&1; then
            tail -n 5 "$log" >&2
            die "pip could not install uv: check that 'python3 -m pip' works (Debian, Ubuntu: apt-get install python3-pip) and that a package index can be reached."
        fi
        done_step
    fi
    step "Installing Python packages ($1)"
    if ! { .tools/bin/uv venv -q --allow-existing --python "$python" "$1" \
        && .tools/bin/uv pip sync -q --python "$1/bin/python" --require-hashes "$2"; } >"$log" 2>&1; then
        tail -n 15 "$log" >&2
        die "The Python packages could not be installed (above is why): check the network and the free disk space, then run the same command again."
    fi
    printf '%s' "$wanted" > "$stamp"
    rm -f "$log"
    done_step
}
