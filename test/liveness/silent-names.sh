# In a network and a mount namespace of its own: gives it a name server, and runs silent-names.js.
set -eu
cd "$(dirname "$0")"
ip link set lo up
conf=$(mktemp)
echo 'nameserver 127.0.0.1' >"$conf"
mount --bind "$conf" /etc/resolv.conf
# It prints a line once it listens.
exec 3< <(exec node name-server.js)
server=$!
trap 'kill "$server"' EXIT
read -r <&3
node silent-names.js "$1"
