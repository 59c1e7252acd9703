#!/bin/sh
# as_root.sh PROGRAM ARGUMENT…: as root, or where we are not, as what counts as root in a user namespace: other accounts,
# small disks and networks are its own there, and so is what an sshd of root's looks at. Where the system permits none,
# the program says what it lacks.
[ "$(id -u)" -ne 0 ] || exec "$@"
namespace="unshare --map-root-user --map-auto --mount --net"
begin='ip link set lo up && mount -t tmpfs tmpfs /run && mount -t tmpfs tmpfs /root &&
  echo "root:*:1::::::" >/run/shadow && mount --bind /run/shadow /etc/shadow'
if $namespace sh -c "$begin" 2>/dev/null; then exec $namespace sh -c "$begin && exec \"\$@\"" sh "$@"; fi
exec "$@"
