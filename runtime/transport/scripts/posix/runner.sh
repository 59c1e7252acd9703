# Runs a job of pvsplan, and lives as long as it does: "sh -c RUNNER name FOLDER N BORDERS LEDGER". Of any number of
# these only the one that claims the job goes on, as job_folder.hpp says.
umask 077
cd "$1" || exit 1
# Room for the status is taken before anything runs: a disk that is full later leaves the job its end.
printf '\n\n\n\n' >exit.room || exit 1
generation=$2
# The borders within which a process id means one process, and the ledger of what was begun.
borders=$3 ledger=$4 key=${PWD##*/}
start=-
if [ -r /proc/$$/stat ]; then
  # shellcheck disable=SC2086 # words, of which the twentieth from here says when it started
  read -r line </proc/$$/stat && set -- ${line##*) } && start=${20}
fi
[ -f "$ledger" ] || [ ! -e "$ledger" ] && [ ! -h "$ledger" ] || exit 1
echo "$key" >>"$ledger" || exit 1
open=${ledger##*/.begun.}
open=${ledger%/*}/.open.${open%%.*}
[ -f "$open" ] || [ ! -e "$open" ] && [ ! -h "$open" ] && echo "$key" 2>/dev/null >>"$open"
echo "$$ $start $borders" >claim.$$ && ln claim.$$ "begun.$generation" 2>/dev/null || exit 1
PVSPLAN_JOB=$PWD
export PVSPLAN_JOB
# shellcheck source=/dev/null
(. ./run) >>out 2>>err </dev/null
status=$?
# What is written over needs no room on a disk that is full by then. Whatever else prevents it is tried for an hour.
tries=0
until { echo $status 1<>exit.room && [ ! -d exit ] && mv -f exit.room exit; } 2>/dev/null; do
  [ $tries -gt 0 ] || (: >stuck) 2>/dev/null
  tries=$((tries + 1))
  [ -e "begun.$generation" ] && [ $tries -lt 720 ] || exit 1
  sleep 5
done
