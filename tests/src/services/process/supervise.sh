# Runs a server for as long as the test that started it lives.
#
# $1 is the signal that stops the server at once, $2 the folder to remove after it; the rest is the
# server's command. Standard input is a pipe whose other end only the test process holds: it closes
# when that process ends, however it ends, SIGKILL included.

signal=$1
folder=$2
shift 2
exec 3<&0 </dev/null

"$@" 3<&- &
server=$!

(
    while read -r _; do :; done <&3
    kill -s "$signal" "$server"
    left=10
    while [ "$left" -gt 0 ]; do
        sleep 0.5
        left=$((left - 1))
    done
    kill -s KILL "$server"
) &
watcher=$!
exec 3<&-

wait "$server"
kill "$watcher"
# The children of a server that was killed may still be writing.
rm -rf "$folder" || { sleep 1; rm -rf "$folder"; }
