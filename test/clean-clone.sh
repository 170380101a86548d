#!/usr/bin/env bash
# What the README promises, on a machine that has only Node and npm: in a clean clone, with a PATH of
# nothing else, `npm install && npm test` passes and `npm install && npm start` serves.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
server=
finish() {
  [ -z "$server" ] || kill -- "-$server" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

git clone --quiet "$root" "$work/clone"
# Node, npm and the few commands that npm itself and the scripts of packages call. No bun, go or chromium.
mkdir "$work/bin"
for tool in node npm sh bash env dirname uname cat mkdir mktemp rm sed; do
  ln -s "$(command -v "$tool")" "$work/bin/$tool"
done
only_node() { env -i HOME="$work" PATH="$work/bin" "$@"; }

cd "$work/clone"
only_node npm install --no-audit --no-fund
only_node npm test
# In a session of its own, so that npm and the server below it can be ended together.
setsid env -i HOME="$work" PATH="$work/bin" npm start -- --host 127.0.0.1 --port 0 >"$work/start.log" 2>&1 &
server=$!
url=
for _ in $(seq 100); do
  url=$(sed -nE 's/^ *Local: +//p' "$work/start.log")
  [ -z "$url" ] || break
  sleep 0.1
done
cat "$work/start.log"
only_node node -e "
  fetch('$url/player1').then(async (answer) => {
    const frame = await answer.json();
    if (frame.rootTransform.worldRotation.w !== 1) throw new Error('not the identity frame');
    console.log('clean clone: npm test passed and npm start serves', '$url');
  });
"
