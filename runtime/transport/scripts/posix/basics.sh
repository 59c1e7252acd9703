# What all scripts for POSIX hosts use: sh, `head -c`, and what the standard has; `readlink` and `setsid` where they are.
umask 077
nap() { sleep "$1" 2>/dev/null || sleep 1; }
size_of() { if [ -e "$1" ]; then echo $(($(wc -c <"$1"))); else echo 0; fi; }
