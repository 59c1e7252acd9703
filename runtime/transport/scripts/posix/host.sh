# The other end of an ssh connection: reads what a job needs, has it run apart from the connection, and tells of it in
# lines that begin with "pvsplan ". ssh.cpp puts the question in front of this, as variables:
#
#   ask          start, attach, look, kill, observe, claim, release, over
#   key, again   of which job; whether it was sent before
#   place        where it was begun, as far as that is known
#   jobs         the folder of jobs that `connect` names; empty: find_base says where
#   claim…       the line of the claim, its file, its run and its token; instead_of: a claim that gives way to it
#   …_size       how many bytes of the command, its script and its secrets follow once they are wanted
#   max, ends    how much of an output is told whole, and else at either end
#   limit        how many seconds an observation may take; 0: any
#   old          jobs whose folders are not needed any more
#   clean        after how many days of rest any other goes; empty: not now
#   retired_for  after how many seconds those go with whose run nothing goes on
#   runner, keeper   runner.sh and keeper.sh
#
# The place comes first, so that it is told whatever comes of the rest; a start makes sure of the claim before it has
# anything sent.
. ./basics.sh
say() { printf 'pvsplan %s\n' "$*"; }
# Ends the connection, not a job.
give_up() { say "refused $*"; exit 0; }
first_word() { word=; [ ! -r "$1" ] || read -r word rest <"$1"; }
. ./place.sh
. ./claims.sh
. ./jobs.sh
. ./retired.sh
. ./output.sh
. ./start.sh
. ./observe.sh
. ./kill.sh
. ./watch.sh

say hello
find_place
d=$base/$key
launcher=
# shellcheck disable=SC2086 # a list of words
[ -z "$old" ] || discard $old
case $ask in
  over) retire; release_claim ;;
  release) release_claim ;;
  claim)
    make_claim && why= || why=" neither $claims nor $more_claims can be written by the account $uid"
    reinstate
    say "claimed$why"
    clean_up
    exit 0 ;;
esac
clean_up
[ "$ask" != observe ] || observe
[ -d "$d" ] || [ "$ask$again" = start ] || check_absence
mkdir -p "$d" 2>/dev/null || give_up "the folder $d cannot be made"
check_folder "$d"
find_claim
[ -n "$pid" ] || check_read
if [ "$ask" = start ] && [ -z "$pid" ]; then
  [ "$generation" -eq 0 ] || give_up "somebody had asked for it before it began, and from then on nobody may begin it"
  make_claim
  receive
  (keep)
  launch
fi
watch
