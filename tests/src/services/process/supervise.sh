# Runs a server for as long as the test that started it lives.
#
# $1 is the signal that stops the server at once, $2 the folder to remove after it; the rest is the
# server's command. Standard input is a pipe whose other end only the test process holds: it closes
# when that process ends, however it ends, SIGKILL included. A line on it starts a server that has
# ended again.

signal=$1
folder=$2
shift 2
exec 3<&0 </dev/null

while :; do
    "$@" 3<&- &
    server=$!
    echo "$server" >"$folder/server.pid"

    (
        while read -r _; do :; done <&3
        kill -s "$signal" "$server"
        # A server that a test has paused would not see the signal.
        kill -s CONT "$server"
        left=10
        while [ "$left" -gt 0 ]; do
            sleep 0.5
            left=$((left - 1))
        done
        kill -s KILL "$server"
    ) &
    watcher=$!

    wait "$server"
    kill "$watcher"
    # Not before it is gone: it would read the next line.
    wait "$watcher" 2>/dev/null
    : >"$folder/server.ended"
    read -r _ <&3 || break
done
# The children of a server that was killed may still be writing.
rm -rf "$folder" || { sleep 1; rm -rf "$folder"; }
